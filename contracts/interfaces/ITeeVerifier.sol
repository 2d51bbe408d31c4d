// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IEvidenceVerifier} from "./IEvidenceVerifier.sol";

/// @title Signatures of enrolled enclaves
/// @notice Evidence is 65 bytes, r, s and v, over the statement's result digest; s must be in the lower half.
/// It shows what the enclave's hardware maker, the quote verifier and the measured code together vouch for, no more.
interface ITeeVerifier is IEvidenceVerifier {
    error SignatureLength(uint256 had, uint256 needed);
    /// @notice No key signed this, or the signature is the malleable twin of a valid one.
    error SignatureInvalid();
    /// @notice The key that signed is not enrolled. Another digest than was signed ends here, too.
    error EnclaveNotEnrolled(address enclaveKey);
    error EnclaveOfOtherWorker(address enclaveKey, address worker, address needed);
    /// @notice The worker, or its operator, ended all enclave keys that it had.
    error EnclaveKeysEnded(address enclaveKey, address worker);
    error EnclaveExpired(address enclaveKey, uint40 expiresAt);
    /// @notice Neither the version nor, where it names none, the deployment accepts this code.
    error MeasurementNotAccepted(bytes32 versionId, bytes32 measurement);
}
