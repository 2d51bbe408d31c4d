// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Statement} from "../interfaces/IEvidenceVerifier.sol";
import {IRounds} from "../interfaces/IRounds.sol";
import {Job} from "../types/Job.sol";
import {Level} from "../types/Level.sol";
import {resultHash} from "../types/Result.sol";
import {VersionTerms} from "../types/Version.sol";
import {MarketBase} from "./MarketBase.sol";

/// @title What evidence must show, and who checks it
abstract contract Evidence is MarketBase {
    function _verify(
        bytes32 jobId,
        Job calldata job,
        bytes calldata output,
        bytes calldata evidence,
        address worker
    ) internal view {
        VersionTerms memory facts = MODELS.terms(job.versionId);
        if (!facts.levels.hasEvidence()) revert IRounds.PanelJudges(jobId);
        (_isByProof(job, facts) ? ZKML_VERIFIER : TEE_VERIFIER).verify(
            _statement(jobId, job, facts, output, worker),
            evidence
        );
    }

    function _statement(
        bytes32 jobId,
        Job calldata job,
        VersionTerms memory facts,
        bytes calldata output,
        address worker
    ) internal view returns (Statement memory statement) {
        // Field by field into what is returned: a second struct would cost as much again.
        (bytes32 versionId, bytes32 inputHash) = (job.versionId, job.inputHash);
        statement.resultDigest = _resultDigest(jobId, versionId, inputHash, keccak256(output), worker, job.deadline());
        statement.versionId = versionId;
        statement.inputHash = inputHash;
        statement.worker = worker;
        statement.verificationKey = facts.verificationKey;
        statement.ownMeasurements = facts.ownMeasurements;
        statement.output = output;
    }

    function _resultDigest(
        bytes32 jobId,
        bytes32 versionId,
        bytes32 inputHash,
        bytes32 outputHash,
        address worker,
        uint40 deadline
    ) internal view returns (bytes32) {
        return _hashTypedDataV4(resultHash(jobId, versionId, inputHash, outputHash, worker, deadline));
    }

    /// @notice A challenged Vanilla answer is judged by the strongest evidence that the version has.
    function _isByProof(Job calldata job, VersionTerms memory facts) internal pure returns (bool) {
        Level level = job.level();
        return level == Level.Zkml || (level == Level.Vanilla && facts.verificationKey != address(0));
    }
}
