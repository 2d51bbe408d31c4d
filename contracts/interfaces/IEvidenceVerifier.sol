// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice What evidence must show.
struct Statement {
    /// EIP-712 digest of the result: chain, market, job, version, input hash, output hash, worker and deadline.
    bytes32 resultDigest;
    bytes32 versionId;
    bytes32 inputHash;
    /// Key of the worker that answers.
    address worker;
    /// The version's verification key contract; zero without a circuit.
    address verificationKey;
    /// The version names its own enclave measurements.
    bool ownMeasurements;
    /// Packed output.
    bytes output;
}

/// @title The one seam for kinds of evidence
interface IEvidenceVerifier {
    /// @notice There must be one evidence for each statement.
    error EvidenceCountMismatch(uint256 statements, uint256 evidence);

    /// @notice Returns if the evidence shows the statement, and reverts with the reason if not. It does not vouch for
    /// the model being good, nor for the input being true, nor that the job exists.
    function verify(Statement calldata statement, bytes calldata evidence) external view;

    /// @notice Returns if every evidence shows its statement, and reverts with a reason if not. Statements may share
    /// work; all are of one version.
    function verifyAll(Statement[] calldata statements, bytes[] calldata evidence) external view;
}
