// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

import {Enclave, IEnclaveRegistry} from "../interfaces/IEnclaveRegistry.sol";
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
        if (evidence.length != SIGNATURE_BYTES) revert SignatureLength(evidence.length, SIGNATURE_BYTES);
        (address key, ECDSA.RecoverError problem, ) = ECDSA.tryRecoverCalldata(statement.resultDigest, evidence);
        if (problem != ECDSA.RecoverError.NoError) revert SignatureInvalid();

        Enclave memory enclave = ENCLAVES.enclaveOf(key);
        if (enclave.worker == address(0)) revert EnclaveNotEnrolled(key);
        if (enclave.worker != statement.worker) revert EnclaveOfOtherWorker(key, enclave.worker, statement.worker);
        if (block.timestamp > enclave.expiresAt) revert EnclaveExpired(key, enclave.expiresAt);

        bool accepted =
            statement.ownMeasurements
                ? MODELS.namesMeasurement(statement.versionId, enclave.measurement)
                : ENCLAVES.isAccepted(enclave.measurement);
        if (!accepted) revert MeasurementNotAccepted(statement.versionId, enclave.measurement);
    }
}
