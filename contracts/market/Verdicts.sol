// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IDisputes} from "../interfaces/IDisputes.sol";
import {IJobs} from "../interfaces/IJobs.sol";
import {IRounds} from "../interfaces/IRounds.sol";
import {Job} from "../types/Job.sol";
import {Challenge, JobState, JobStatus} from "../types/JobStatus.sol";
import {Level} from "../types/Level.sol";
import {Round, RoundPhase} from "../types/Round.sol";
import {Rounds} from "./Rounds.sol";

/// @title What panels are called for, and what their verdict does
abstract contract Verdicts is Rounds {
    function _callPanel(bytes32 jobId, Job calldata job) internal returns (uint32 dueAt) {
        (uint32 length, uint32 serving) = WORKERS.candidates(job.versionId, Level.Vanilla);
        uint256 others = serving > job.copies() ? serving - job.copies() : 0;
        if (others < PANEL_SEATS) revert IDisputes.PanelTooSmall(others, PANEL_SEATS);

        Round memory round;
        round.phase = RoundPhase.Committing;
        round.seats = PANEL_SEATS;
        round.dueAt = _dueIn(EVIDENCE_WINDOW);
        round.seedBlock = uint48(block.number);
        round.candidates = length;
        bytes32 panelId = _panelId(jobId);
        _rounds[panelId] = round;
        emit IRounds.PanelCalled(jobId, panelId, PANEL_SEATS, round.dueAt);
        // When a verdict is there at the latest.
        return _dueIn(EVIDENCE_WINDOW + REVEAL_WINDOW);
    }

    /// @notice Ends the panel's phase that is over: begins the reveals, or judges.
    function _resolvePanel(bytes32 jobId, Job calldata job, JobStatus memory status) internal {
        bytes32 panelId = _panelId(jobId);
        Round memory round = _rounds[panelId];
        if (!_isOver(round)) revert IJobs.JobNotDue(jobId, round.dueAt);
        if (round.phase == RoundPhase.Committing && round.commits >= round.quorum()) {
            _beginReveals(panelId, round);
            _rounds[panelId] = round;
            return;
        }

        (bytes28 best, uint256 votes) = _mostFrequent(panelId, round);
        bool decided = votes >= round.quorum();
        bool upheld = decided && status.keeps(bytes32(best));
        Challenge memory asked = _challenges[jobId];
        delete _challenges[jobId];
        _close(panelId);
        emit IRounds.PanelJudged(jobId, decided, upheld);
        if (upheld) _uphold(jobId, job, status, panelId, round, best, asked);
        else if (decided) _overturn(jobId, job, status, panelId, round, best, asked);
        else _leaveOpen(jobId, job, status, panelId, round, asked);
    }

    /// @dev The worker gets the fee and half of the bond, the panel the other half. A callback that is due is left to
    /// `retryCallback`, which has the output.
    function _uphold(
        bytes32 jobId,
        Job calldata job,
        JobStatus memory status,
        bytes32 panelId,
        Round memory round,
        bytes28 best,
        Challenge memory asked
    ) private {
        uint256 forPanel = CHALLENGE_BOND / 2;
        status.callbackOwed = status.callbackOwed || _isDueAtSettlement(job, status);
        status.state = JobState.Settled;
        _store(jobId, status);
        _share(_slashSeats(panelId, round, best), job.requester(), address(0));
        _rewardSeats(panelId, round, best, forPanel);
        uint256 bond = CHALLENGE_BOND - forPanel;
        if (job.copies() == 1) _payWorker(jobId, job, status.workerId, asked.fee, bond, JOB_STAKE);
        else _payCopies(jobId, job, _rounds[jobId], best, bond);
    }

    /// @dev Of the stake that is lost, a quarter each goes to requester, challenger and panel, and the rest is burnt.
    function _overturn(
        bytes32 jobId,
        Job calldata job,
        JobStatus memory status,
        bytes32 panelId,
        Round memory round,
        bytes28 best,
        Challenge memory asked
    ) private {
        _refund(jobId, status);
        uint256 taken = job.copies() == 1 ? _slash(status.workerId) : _slashSeats(jobId, _rounds[jobId], 0);
        uint256 share = taken / 4;
        _credit(job.requester(), asked.fee + share);
        _credit(asked.challenger, CHALLENGE_BOND + share);
        _rewardSeats(panelId, round, best, share);
        _burn(taken - 3 * share);
        _share(_slashSeats(panelId, round, best), job.requester(), address(0));
        emit IJobs.JobRefunded(jobId, status.workerId, asked.fee, taken);
        if (status.answeredEarly) _revoke(jobId, job, status);
    }

    /// @dev No verdict: the requester does not pay for an answer in doubt, the worker is not slashed without proof and
    /// gets the bond for its trouble, and so whoever challenges in vain pays.
    function _leaveOpen(
        bytes32 jobId,
        Job calldata job,
        JobStatus memory status,
        bytes32 panelId,
        Round memory round,
        Challenge memory asked
    ) private {
        _refund(jobId, status);
        _credit(job.requester(), asked.fee);
        if (job.copies() == 1) {
            _reward(status.workerId, CHALLENGE_BOND, JOB_STAKE);
        } else {
            Round memory copies = _rounds[jobId];
            (bytes28 output, ) = _mostFrequent(jobId, copies);
            _rewardSeats(jobId, copies, output, CHALLENGE_BOND);
        }
        // Where too few sat down, nobody could reveal.
        if (round.phase == RoundPhase.Revealing) {
            _share(_slashSilent(panelId, round), job.requester(), address(0));
        }
        _releaseSeats(panelId, round);
        emit IJobs.JobRefunded(jobId, 0, asked.fee, 0);
        if (status.answeredEarly) _revoke(jobId, job, status);
    }

    function _refund(bytes32 jobId, JobStatus memory status) internal {
        status.state = JobState.Refunded;
        // An early answer that never reached the consumer needs no delivery any more.
        status.callbackOwed = false;
        _store(jobId, status);
    }
}
