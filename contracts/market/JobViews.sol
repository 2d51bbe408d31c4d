// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Statement} from "../interfaces/IEvidenceVerifier.sol";
import {IJobs, IJobViews} from "../interfaces/IJobs.sol";
import {Draw} from "../libraries/Draw.sol";
import {Job, JobDescription, JobLibrary} from "../types/Job.sol";
import {Level} from "../types/Level.sol";
import {VersionTerms} from "../types/Version.sol";
import {Evidence} from "./Evidence.sol";
import {Turns} from "./Turns.sol";

/// @title What is seldom asked about jobs, and evidence without a job
abstract contract JobViews is IJobViews, Turns, Evidence {
    /// @dev Copies have four bits.
    uint256 private constant MAX_PACKED_COPIES = 15;

    /// @inheritdoc IJobViews
    function feeAt(Job calldata job, uint256 time) external view override returns (uint256) {
        return job.feeAt(_priority(), time);
    }

    /// @inheritdoc IJobViews
    function drawnWorker(Job calldata job) external view override returns (uint24 workerId, uint256 until) {
        bytes32 jobId = job.id();
        Window memory window = _openWindow(jobId, job);
        until = window.until;
        if (window.seed == 0 || window.rank >= PRIORITY_WINDOWS) return (0, until);
        uint256 place = Draw.place(window.seed, jobId, 0, job.candidates());
        (uint24 id, uint80 price, uint80 free) = WORKERS.candidateAt(job.versionId, job.level(), place);
        (uint24 first, uint24 second) = _drawn(jobId, job, window, id, price, free);
        workerId = window.rank == 0 ? first : second;
    }

    /// @inheritdoc IJobViews
    function verify(
        bytes32 versionId,
        Level level,
        bytes calldata input,
        bytes calldata output,
        bytes calldata evidence,
        address worker,
        uint256 nonce,
        uint40 deadline
    ) external view override {
        VersionTerms memory facts = MODELS.terms(versionId);
        if (level == Level.Vanilla || !facts.levels.has(level)) revert IJobs.LevelNotAllowed(versionId, level);
        if (block.timestamp > deadline) revert IJobs.JobTooLate(_callId(msg.sender, nonce), deadline);
        Statement memory statement = Statement({
            resultDigest: _callDigest(
                versionId,
                keccak256(input),
                keccak256(output),
                worker,
                msg.sender,
                nonce,
                deadline
            ),
            versionId: versionId,
            inputHash: keccak256(input),
            worker: worker,
            verificationKey: facts.verificationKey,
            ownMeasurements: facts.ownMeasurements,
            output: output
        });
        (level == Level.Zkml ? ZKML_VERIFIER : TEE_VERIFIER).verify(statement, evidence);
    }

    /// @inheritdoc IJobViews
    function callDigest(
        bytes32 versionId,
        bytes32 inputHash,
        bytes32 outputHash,
        address worker,
        address caller,
        uint256 nonce,
        uint40 deadline
    ) external view override returns (bytes32) {
        return _callDigest(versionId, inputHash, outputHash, worker, caller, nonce, deadline);
    }

    /// @inheritdoc IJobViews
    function describe(Job calldata job) external pure override returns (JobDescription memory) {
        return job.unpack();
    }

    /// @inheritdoc IJobViews
    function packJob(JobDescription calldata terms) external pure override returns (Job memory) {
        // What has no room in the packed words would change their neighbours.
        uint256 timeToLive = terms.deadline - terms.requestedAt;
        if (timeToLive > type(uint32).max) revert IJobs.TimeToLiveOutOfRange(timeToLive, 0, type(uint32).max);
        if (terms.copies > MAX_PACKED_COPIES) revert IJobs.CopiesOutOfRange(terms.copies, MAX_PACKED_COPIES);
        return JobLibrary.pack(terms);
    }

    function _callDigest(
        bytes32 versionId,
        bytes32 inputHash,
        bytes32 outputHash,
        address worker,
        address caller,
        uint256 nonce,
        uint40 deadline
    ) private view returns (bytes32) {
        return _resultDigest(_callId(caller, nonce), versionId, inputHash, outputHash, worker, deadline);
    }

    function _callId(address caller, uint256 nonce) private view returns (bytes32) {
        return keccak256(abi.encode("Assay call", block.chainid, address(this), caller, nonce));
    }
}
