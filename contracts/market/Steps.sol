// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IJobs} from "../interfaces/IJobs.sol";
import {Job} from "../types/Job.sol";
import {JobState, JobStatus} from "../types/JobStatus.sol";
import {Level} from "../types/Level.sol";
import {Delivery} from "./Delivery.sol";
import {Evidence} from "./Evidence.sol";
import {Turns} from "./Turns.sol";

/// @title The steps of a job that one worker answers
abstract contract Steps is Turns, Delivery, Evidence {
    /// @param key Who acts: the caller, or who called the batch.
    function _execute(Job calldata job, bytes calldata output, address key) internal nonReentrant {
        (bytes32 jobId, JobStatus memory status) = _load(job);
        JobState had = status.state;
        if (job.copies() != 1) revert IJobs.CopiesNeedCommitment(jobId);
        if (!job.fits(output.length)) revert IJobs.OutputLength(output.length, job.outputBytes());
        if (had == JobState.Requested) _bind(jobId, job, status, key);
        else if (had == JobState.Claimed) _requireBoundInTime(jobId, status, key);
        else revert IJobs.JobStateMismatch(jobId, had);

        status.state = JobState.Executed;
        status.keepOutput(keccak256(output));
        _store(jobId, status);
        emit IJobs.JobExecuted(jobId, status.workerId, output, status.dueAt);
        if (had == JobState.Requested) _charge(job);
        if (_isDueAtExecution(job)) _deliver(jobId, job, status, output);
    }

    /// @param isProven The evidence was checked already, with that of other jobs.
    function _fulfill(
        Job calldata job,
        bytes calldata output,
        bytes calldata evidence,
        address key,
        bool isProven
    ) internal nonReentrant {
        (bytes32 jobId, JobStatus memory status) = _load(job);
        JobState had = status.state;
        if (had == JobState.None || had >= JobState.Settled) revert IJobs.JobStateMismatch(jobId, had);
        if (job.level() == Level.Vanilla && had != JobState.Challenged) revert IJobs.EvidenceNotNeeded(jobId);
        if (had == JobState.Requested) (status.workerId, ) = _takeTurn(jobId, job, key);
        else _requireBoundInTime(jobId, status, key);
        bytes32 outputHash = keccak256(output);
        if (had >= JobState.Executed && !status.keeps(outputHash)) revert IJobs.OutputMismatch(jobId);
        if (!job.fits(output.length)) revert IJobs.OutputLength(output.length, job.outputBytes());
        if (!isProven) _verify(jobId, job, output, evidence, key);

        (uint256 fee, uint256 bond) = had == JobState.Requested ? (_charge(job), 0) : _owed(jobId, job, status);
        if (had == JobState.Challenged) delete _challenges[jobId];
        status.state = JobState.Settled;
        status.keepOutput(outputHash);
        _store(jobId, status);
        emit IJobs.JobFulfilled(jobId, status.workerId, output);
        _payWorker(jobId, job, status.workerId, fee, bond, had == JobState.Requested ? 0 : JOB_STAKE);
        if (_isDueAtSettlement(job, status)) _deliver(jobId, job, status, output);
    }

    function _settle(Job calldata job, bytes calldata output) internal nonReentrant {
        (bytes32 jobId, JobStatus memory status) = _load(job);
        if (status.state != JobState.Executed || job.level() != Level.Vanilla) {
            revert IJobs.JobStateMismatch(jobId, status.state);
        }
        if (block.timestamp <= status.dueAt) revert IJobs.JobNotDue(jobId, status.dueAt);
        bool callsBack = _isDueAtSettlement(job, status);
        if (callsBack && !status.keeps(keccak256(output))) revert IJobs.OutputMismatch(jobId);

        (uint256 fee, ) = _owed(jobId, job, status);
        status.state = JobState.Settled;
        _store(jobId, status);
        _payWorker(jobId, job, status.workerId, fee, 0, JOB_STAKE);
        if (callsBack) _deliver(jobId, job, status, output);
    }

    /// @dev Whose turn it is, and its stake: writes the worker and the due date.
    function _bind(bytes32 jobId, Job calldata job, JobStatus memory status, address key) internal {
        (uint24 workerId, uint256 free) = _takeTurn(jobId, job, key);
        _hold(workerId, free);
        status.workerId = workerId;
        status.dueAt = _dueIn(_windowAfterAct(job));
    }

    function _requireBoundInTime(bytes32 jobId, JobStatus memory status, address key) internal view {
        if (WORKERS.workerIdOf(key) != status.workerId) revert IJobs.NotBoundWorker(jobId, status.workerId);
        if (block.timestamp > status.dueAt) revert IJobs.JobTooLate(jobId, status.dueAt);
    }

    /// @dev The fee of the bound worker, fixed when it acted, and the challenger's bond.
    function _owed(
        bytes32 jobId,
        Job calldata job,
        JobStatus memory status
    ) internal view returns (uint256 fee, uint256 bond) {
        if (status.state == JobState.Challenged) return (_challenges[jobId].fee, CHALLENGE_BOND);
        uint256 actedAt = uint256(status.dueAt) - _windowAfterAct(job);
        return (job.feeAt(_priority(), actedAt), 0);
    }

    function _windowAfterAct(Job calldata job) private view returns (uint32) {
        return job.level() == Level.Vanilla ? job.challengeWindow() : EVIDENCE_WINDOW;
    }
}
