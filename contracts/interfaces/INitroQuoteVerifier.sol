// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IQuoteVerifier} from "./IQuoteVerifier.sol";

/// @notice What a document says that is signed under the root.
struct NitroReport {
    /// Hash of a tag and the registers PCR0, PCR1 and PCR2.
    bytes32 measurement;
    /// What the certificate of its signer is known by.
    bytes32 certificate;
    /// When it was made, in seconds.
    uint64 timestamp;
    /// True if PCR0 is zero: the enclave runs in debug mode, in which it can be read.
    bool isDebug;
    bytes userData;
    bytes nonce;
    bytes publicKey;
}

/// @title Attestation documents of AWS Nitro Enclaves
/// @notice A document has a date, and is signed by a key that lives three hours. So its certificates must be valid, and
/// it must be recent, when it is shown; after that it counts until `MAX_AGE` after it was made. That its signer's
/// certificate runs out in between is in the nature of it, and says nothing about the enclave: the same code goes on, and
/// its key never leaves it.
///
/// The measurement is over PCR0 (the image), PCR1 (kernel and boot) and PCR2 (the application), which follow from the
/// image alone. PCR3 and PCR4 name a role and an instance of an account at AWS, and PCR8 who signed the image; these say
/// who runs it, not what runs, and would make a measurement for each worker.
interface INitroQuoteVerifier is IQuoteVerifier {
    error DocumentSignature();
    error CertificateNotYetValid(uint40 notBefore);
    error CertificateExpired(uint40 notAfter);
    error DocumentFromFuture(uint64 timestamp);
    error DocumentStale(uint64 timestamp);
    /// @notice PCR0 is zero.
    error DebugEnclave();
    /// @notice The user data is something else than report data.
    error UserDataLength(uint256 had, uint256 needed);

    /// @notice What a document says, whatever its user data, its age and its mode are. Reverts unless it is signed under
    /// the root by certificates that are remembered, trusted and valid now.
    function inspect(bytes calldata document) external view returns (NitroReport memory);
}
