// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice What has become of a quote that was verified before.
enum QuoteStanding {
    Good,
    /// Its maker wants the platform updated, as in a TCB recovery.
    Outdated,
    /// A certificate, or the security version itself, was revoked.
    Revoked
}

/// @notice What a verified quote says.
struct QuoteReport {
    /// Hash of what identifies the code and its configuration.
    bytes32 measurement;
    /// 64 bytes that the enclave chose: what it binds, and a recent block.
    bytes32 reportDataHigh;
    bytes32 reportDataLow;
    /// Until when the quote counts, in seconds.
    uint64 validUntil;
}

/// @title The seam for kinds of hardware quotes
interface IQuoteVerifier {
    /// @notice Which kind of quote it reads, as text from the left: "dcap" or "nitro".
    function kind() external view returns (bytes32);

    /// @notice True if quotes are signed under a development root instead of hardware: no isolation is proven.
    function isSimulated() external view returns (bool);

    /// @notice Reverts with the reason unless the quote is genuine.
    function verify(bytes calldata quote) external view returns (QuoteReport memory report);

    /// @notice Reverts with the reason of `verify` where a quote is neither good nor outdated nor revoked, such as one
    /// whose certificates ran out, or where lists that would decide are missing. Lack of gas must end here, too: it may
    /// never look like a revocation.
    function standingOf(bytes calldata quote) external view returns (QuoteStanding);
}
