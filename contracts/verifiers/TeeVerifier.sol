// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

import {IEnclaveRegistry} from "../interfaces/IEnclaveRegistry.sol";
import {IEvidenceVerifier, Statement} from "../interfaces/IEvidenceVerifier.sol";
import {IModelRegistry} from "../interfaces/IModelRegistry.sol";
import {ITeeVerifier} from "../interfaces/ITeeVerifier.sol";

/// @title Checks that an enrolled enclave with accepted code signed a result
contract TeeVerifier is ITeeVerifier {
    uint256 private constant SIGNATURE_BYTES = 65;

    IModelRegistry private immutable MODELS;
    IEnclaveRegistry private immutable ENCLAVES;

    constructor(IModelRegistry models, IEnclaveRegistry enclaves) {
        MODELS = models;
        ENCLAVES = enclaves;
    }

    /// @inheritdoc IEvidenceVerifier
    function verify(Statement calldata statement, bytes calldata evidence) external view override {
        _requireEnclave(statement, _signerOf(statement, evidence));
    }

    /// @inheritdoc IEvidenceVerifier
    function verifyAll(Statement[] calldata statements, bytes[] calldata evidence) external view override {
        if (statements.length != evidence.length) revert EvidenceCountMismatch(statements.length, evidence.length);
        address lastKey = address(0);
        for (uint256 i = 0; i < statements.length; ++i) {
            address key = _signerOf(statements[i], evidence[i]);
            // What the registries say of a key is the same for the next statement about the same worker and version.
            if (key == lastKey && _isSameQuestion(statements[i - 1], statements[i])) continue;
            _requireEnclave(statements[i], key);
            lastKey = key;
        }
    }

    /// @dev Reverts unless the key is of an enclave of this worker, with code that may answer for this version.
    function _requireEnclave(Statement calldata statement, address key) private view {
        (address worker, bytes32 measurement, uint40 expiresAt, bool current) = ENCLAVES.bindingOf(key);
        if (worker == address(0)) revert EnclaveNotEnrolled(key);
        if (worker != statement.worker) revert EnclaveOfOtherWorker(key, worker, statement.worker);
        if (!current) revert EnclaveKeysEnded(key, worker);
        if (block.timestamp > expiresAt) revert EnclaveExpired(key, expiresAt);

        bool accepted =
            statement.ownMeasurements
                ? MODELS.namesMeasurement(statement.versionId, measurement)
                : ENCLAVES.isAccepted(measurement);
        if (!accepted) revert MeasurementNotAccepted(statement.versionId, measurement);
    }

    function _signerOf(Statement calldata statement, bytes calldata evidence) private pure returns (address key) {
        if (evidence.length != SIGNATURE_BYTES) revert SignatureLength(evidence.length, SIGNATURE_BYTES);
        ECDSA.RecoverError problem;
        (key, problem, ) = ECDSA.tryRecoverCalldata(statement.resultDigest, evidence);
        if (problem != ECDSA.RecoverError.NoError) revert SignatureInvalid();
    }

    function _isSameQuestion(Statement calldata one, Statement calldata other) private pure returns (bool) {
        return
            one.worker == other.worker &&
            one.versionId == other.versionId &&
            one.ownMeasurements == other.ownMeasurements;
    }
}
