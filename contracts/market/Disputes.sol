// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAccounts} from "../interfaces/IAccounts.sol";
import {IDisputes} from "../interfaces/IDisputes.sol";
import {IJobs} from "../interfaces/IJobs.sol";
import {IRounds} from "../interfaces/IRounds.sol";
import {Job} from "../types/Job.sol";
import {Challenge, JobState, JobStatus} from "../types/JobStatus.sol";
import {Level} from "../types/Level.sol";
import {Round, RoundPhase} from "../types/Round.sol";
import {Verdicts} from "./Verdicts.sol";

/// @title Duties, demands for evidence, and the exits of late jobs
abstract contract Disputes is IDisputes, Verdicts {
    /// @inheritdoc IDisputes
    function claim(Job calldata job) external override nonReentrant {
        (bytes32 jobId, JobStatus memory status) = _load(job);
        if (status.state != JobState.Requested) revert IJobs.JobStateMismatch(jobId, status.state);
        if (job.level() == Level.Vanilla) revert ClaimNotNeeded(jobId);

        _bind(jobId, job, status, msg.sender);
        status.state = JobState.Claimed;
        _store(jobId, status);
        emit JobClaimed(jobId, status.workerId, status.dueAt);
        _charge(job);
    }

    /// @inheritdoc IDisputes
    function challenge(Job calldata job) external payable override nonReentrant {
        (bytes32 jobId, JobStatus memory status) = _load(job);
        if (status.state != JobState.Executed || job.level() != Level.Vanilla) {
            revert IJobs.JobStateMismatch(jobId, status.state);
        }
        if (block.timestamp > status.dueAt) revert IJobs.JobTooLate(jobId, status.dueAt);
        uint256 sent = _valueSent();
        if (sent != 0) {
            _credit(msg.sender, sent);
            emit IAccounts.Deposited(msg.sender, msg.sender, sent);
        }
        _take(msg.sender, CHALLENGE_BOND);
        // The due date is about to change, and with it what the fee is derived from. It is at most maxFee, 96 bits.
        uint256 fee = job.copies() == 1 ? _feeOwed(jobId, job, status) : _rounds[jobId].fee;
        _challenges[jobId] = Challenge(msg.sender, uint96(fee));
        status.state = JobState.Challenged;
        if (MODELS.terms(job.versionId).levels.hasEvidence()) {
            status.dueAt = _dueIn(EVIDENCE_WINDOW);
        } else {
            uint256 others = _othersServing(jobId, job);
            if (others < PANEL_SEATS) revert PanelTooSmall(others, PANEL_SEATS);
            status.dueAt = _callPanel(jobId, job);
        }
        _store(jobId, status);
        emit JobChallenged(jobId, msg.sender, CHALLENGE_BOND, status.dueAt);
    }

    /// @inheritdoc IDisputes
    function resolve(Job calldata job) external override nonReentrant {
        (bytes32 jobId, JobStatus memory status) = _load(job);
        if (status.state != JobState.Challenged) revert IJobs.JobStateMismatch(jobId, status.state);
        if (_rounds[_panelId(jobId)].phase != RoundPhase.None) return _resolvePanel(jobId, job, status);
        if (block.timestamp <= status.dueAt) revert IJobs.JobNotDue(jobId, status.dueAt);

        Challenge memory lost = _challenges[jobId];
        delete _challenges[jobId];
        if (lost.challenger != address(0)) _credit(lost.challenger, CHALLENGE_BOND);
        _endAtFault(jobId, job, status, lost.fee, lost.challenger);
    }

    /// @inheritdoc IDisputes
    function expire(Job calldata job) external override nonReentrant {
        (bytes32 jobId, JobStatus memory status) = _load(job);
        JobState had = status.state;
        bool lacksEvidence = had == JobState.Claimed || (had == JobState.Executed && job.level() != Level.Vanilla);
        if (had != JobState.Requested && had != JobState.Copying && !lacksEvidence) {
            revert IJobs.JobStateMismatch(jobId, had);
        }
        if (block.timestamp <= status.dueAt) revert IJobs.JobNotDue(jobId, status.dueAt);

        if (lacksEvidence) return _endAtFault(jobId, job, status, _feeOwed(jobId, job, status), address(0));
        if (had == JobState.Copying) _giveUpCopies(jobId);
        _refund(jobId, status);
        _credit(job.requester(), job.maxFee());
        emit IJobs.JobRefunded(jobId, 0, job.maxFee(), 0);
    }

    /// @inheritdoc IDisputes
    function retryCallback(Job calldata job, bytes calldata output) external override nonReentrant {
        (bytes32 jobId, JobStatus memory status) = _load(job);
        if (!status.callbackOwed) revert NoCallbackOwed(jobId);

        if (status.state == JobState.Refunded) {
            status.callbackOwed = false;
            _store(jobId, status);
            _revoke(jobId, job, status);
            return;
        }
        if (!status.keeps(keccak256(output))) revert IJobs.OutputMismatch(jobId);
        _deliver(jobId, job, status, output);
    }

    /// @inheritdoc IDisputes
    function challengeOf(bytes32 jobId) external view override returns (Challenge memory) {
        return _challenges[jobId];
    }

    /// @dev Refunds the requester and takes the stake that is bound.
    function _endAtFault(
        bytes32 jobId,
        Job calldata job,
        JobStatus memory status,
        uint256 escrow,
        address challenger
    ) private {
        _refund(jobId, status);
        uint256 taken = job.copies() == 1 ? _slash(status.workerId) : _slashAccused(jobId, challenger);
        _credit(job.requester(), escrow);
        _share(taken, job.requester(), challenger);
        emit IJobs.JobRefunded(jobId, status.workerId, escrow, taken);
        if (status.answeredEarly) _revoke(jobId, job, status);
    }

    /// @dev A challenger accuses those that answered what most did; the others say nothing against it. Copies that
    /// disagree accuse each other.
    function _slashAccused(bytes32 jobId, address challenger) private returns (uint256 taken) {
        Round memory round = _rounds[jobId];
        if (challenger != address(0)) {
            (bytes28 accused, ) = _mostFrequent(jobId, round);
            _releaseOthers(jobId, round, accused);
        }
        return _slashRest(jobId, round);
    }

    function _giveUpCopies(bytes32 jobId) private {
        Round memory round = _rounds[jobId];
        if (round.commits >= round.quorum()) revert IRounds.QuorumCommitted(jobId, round.commits, round.quorum());
        _close(jobId);
        _releaseRest(jobId, round);
    }

    function _feeOwed(bytes32 jobId, Job calldata job, JobStatus memory status) private view returns (uint256 fee) {
        (fee, ) = _owed(jobId, job, status);
    }
}
