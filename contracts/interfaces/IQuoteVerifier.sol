// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice What a verified quote says.
struct QuoteReport {
    /// Hash of what identifies the code and its configuration.
    bytes32 measurement;
    /// 64 bytes that the enclave chose; the first 32 bind its key.
    bytes32 reportDataHigh;
    bytes32 reportDataLow;
    /// Until when the quote counts as fresh, in seconds.
    uint64 validUntil;
}

/// @title The seam for kinds of hardware quotes
interface IQuoteVerifier {
    /// @notice True if quotes are signed by a development root instead of hardware: no isolation is proven.
    function isSimulated() external view returns (bool);

    /// @notice Reverts with the reason unless the quote is genuine.
    function verify(bytes calldata quote) external view returns (QuoteReport memory report);
}
