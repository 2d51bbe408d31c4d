// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IEvidenceVerifier} from "./IEvidenceVerifier.sol";

/// @title Groth16 over BN254 for any verification key
/// @notice A key is kept as contract code: one zero byte (so that it can never be called), then alpha, beta, gamma,
/// delta and the ic points as the pairing precompile reads them (G1: x, y; G2: imaginary and real part of x, of y).
/// Public signals: the binding (248 bits), then input and output packed one after the other, cut into 31-byte
/// big-endian words, the last one padded with zeros on the right. As evidence: 256 bytes of proof (a, b, c) followed by
/// the packed input. Proofs of one key that are verified together share one product of pairings; if any of them is bad,
/// the lot is, and only verifying each tells which.
interface IGroth16Verifier is IEvidenceVerifier {
    /// @notice The proof, or one of a lot, does not show the statement, or a point of it is not on its curve.
    error ProofInvalid();
    /// @notice Evidence is `had` bytes, and at least `needed` are needed.
    error EvidenceTooShort(uint256 had, uint256 needed);
    /// @notice The input given with the proof is not the job's.
    error InputMismatch(bytes32 had, bytes32 needed);
    /// @notice The version has no verification key.
    error VerificationKeyMissing(bytes32 versionId);
    /// @notice Statement `index` of a lot is of another verification key than the first.
    error VerificationKeysMixed(uint256 index, address had, address needed);
    /// @notice A key of `length` bytes cannot be, or has another number of public signals than the version needs.
    error VerificationKeyLength(uint256 length, uint256 needed);
    /// @notice Two of beta, gamma and delta are equal or opposite, or one of them, alpha or an ic point is at infinity,
    /// so that anyone can forge proofs or something is not bound; or a point is not on its curve or in its subgroup.
    error VerificationKeyUnsafe();
    /// @notice A public signal is not a canonical field element.
    error SignalOutOfField(uint256 index, uint256 signal);

    /// @notice Stores a key as contract code at an address that depends on nothing but the key.
    /// @dev Refuses unsafe keys and lengths that cannot be. The same key is stored once.
    function storeKey(bytes calldata key) external returns (address verificationKey);

    /// @notice Reverts with `ProofInvalid` unless the proof shows that the key's circuit maps input to output.
    /// @param binding First public signal, below 2^248.
    /// @param proofAndStream 256 bytes of proof, then the packed input and the packed output: one array, since each
    /// would cost the caller calldata for its place and length.
    function verifyProof(address verificationKey, uint256 binding, bytes calldata proofAndStream) external view;
}
