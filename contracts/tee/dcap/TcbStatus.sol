// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice What Intel says of a platform's or an enclave's security version, in its own words.
enum TcbStatus {
    /// No level that Intel lists is met.
    Unlisted,
    UpToDate,
    SWHardeningNeeded,
    ConfigurationNeeded,
    ConfigurationAndSWHardeningNeeded,
    OutOfDate,
    OutOfDateConfigurationNeeded,
    Revoked
}

/// @title Statuses from words, and of two together
library TcbStatuses {
    error TcbStatusUnknown(bytes32 word);

    /// @param word Keccak-256 of the status as Intel writes it.
    function fromWord(bytes32 word) internal pure returns (TcbStatus) {
        if (word == keccak256("UpToDate")) return TcbStatus.UpToDate;
        if (word == keccak256("SWHardeningNeeded")) return TcbStatus.SWHardeningNeeded;
        if (word == keccak256("ConfigurationNeeded")) return TcbStatus.ConfigurationNeeded;
        if (word == keccak256("ConfigurationAndSWHardeningNeeded")) return TcbStatus.ConfigurationAndSWHardeningNeeded;
        if (word == keccak256("OutOfDate")) return TcbStatus.OutOfDate;
        if (word == keccak256("OutOfDateConfigurationNeeded")) return TcbStatus.OutOfDateConfigurationNeeded;
        if (word == keccak256("Revoked")) return TcbStatus.Revoked;
        revert TcbStatusUnknown(word);
    }

    /// @notice The status of a platform together with one of its enclaves or modules, which is listed as up to date,
    /// out of date or revoked.
    function with(TcbStatus platform, TcbStatus enclave) internal pure returns (TcbStatus) {
        if (enclave == TcbStatus.UpToDate) return platform;
        if (platform == TcbStatus.Unlisted || platform == TcbStatus.Revoked) return platform;
        if (enclave != TcbStatus.OutOfDate) return enclave;
        bool isConfigured =
            platform == TcbStatus.UpToDate ||
                platform == TcbStatus.SWHardeningNeeded ||
                platform == TcbStatus.OutOfDate;
        return isConfigured ? TcbStatus.OutOfDate : TcbStatus.OutOfDateConfigurationNeeded;
    }
}
