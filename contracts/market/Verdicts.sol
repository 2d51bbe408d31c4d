// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IJobs} from "../interfaces/IJobs.sol";
import {IRounds} from "../interfaces/IRounds.sol";
import {Job} from "../types/Job.sol";
import {Challenge, JobState, JobStatus} from "../types/JobStatus.sol";
import {Round, RoundPhase} from "../types/Round.sol";
import {Outcomes} from "./Outcomes.sol";

/// @title What the verdict of a panel does
abstract contract Verdicts is Outcomes {
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
        Challenge memory asked = _challenges[jobId];
        delete _challenges[jobId];
        _close(panelId);
        if (votes < round.quorum()) _leaveOpen(jobId, job, status, panelId, round, asked);
        else if (_stands(jobId, job, status, best)) _uphold(jobId, job, status, panelId, round, best, asked);
        else _overturn(jobId, job, status, panelId, round, best, asked);
    }

    /// @dev The challenge was in vain: half of the bond is for whoever answered, half for the panel.
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
        uint256 bond = CHALLENGE_BOND - forPanel;
        _settleLater(jobId, job, status, best);
        emit IRounds.PanelJudged(jobId, true, true);
        _endPanel(job, panelId, round, best, forPanel);
        if (job.copies() == 1) _payWorker(jobId, job, status.workerId, asked.fee, bond, JOB_STAKE);
        else _share(_settleCopies(jobId, job, best, bond), job.requester(), address(0));
    }

    /// @dev Of the stake that those at fault lose, a quarter each goes to requester, panel and challenger, if there is
    /// one, and the rest is burnt. Copies that answered what the panel says are paid.
    function _overturn(
        bytes32 jobId,
        Job calldata job,
        JobStatus memory status,
        bytes32 panelId,
        Round memory round,
        bytes28 best,
        Challenge memory asked
    ) private {
        bool isAnswered = job.copies() != 1 && _votes(jobId, _rounds[jobId], best) != 0;
        emit IRounds.PanelJudged(jobId, true, isAnswered);
        uint256 taken;
        if (isAnswered) {
            _settleLater(jobId, job, status, best);
            taken = _settleCopies(jobId, job, best, 0);
        } else {
            _refund(jobId, status);
            taken = job.copies() == 1 ? _slash(status.workerId) : _slashRest(jobId, _rounds[jobId]);
            _credit(job.requester(), asked.fee);
            emit IJobs.JobRefunded(jobId, status.workerId, asked.fee, taken);
        }

        uint256 share = taken / 4;
        _credit(job.requester(), share);
        _endPanel(job, panelId, round, best, share);
        uint256 burnt = taken - 2 * share;
        if (asked.challenger != address(0)) {
            _credit(asked.challenger, CHALLENGE_BOND + share);
            burnt -= share;
        }
        _burn(burnt);
        if (!isAnswered && status.answeredEarly) _revoke(jobId, job, status);
    }

    /// @dev No verdict: the requester does not pay for an answer in doubt, and nobody is slashed without proof but who
    /// sat and kept silent. Who is accused gets the bond for its trouble, and so whoever challenges in vain pays.
    function _leaveOpen(
        bytes32 jobId,
        Job calldata job,
        JobStatus memory status,
        bytes32 panelId,
        Round memory round,
        Challenge memory asked
    ) private {
        _refund(jobId, status);
        emit IRounds.PanelJudged(jobId, false, false);
        _credit(job.requester(), asked.fee);
        emit IJobs.JobRefunded(jobId, 0, asked.fee, 0);
        if (job.copies() == 1) {
            _reward(status.workerId, CHALLENGE_BOND, JOB_STAKE);
        } else {
            Round memory copies = _rounds[jobId];
            (bytes28 accused, ) = _mostFrequent(jobId, copies);
            if (asked.challenger != address(0)) _rewardSeats(jobId, copies, accused, CHALLENGE_BOND);
            _releaseRest(jobId, copies);
        }
        // Before the reveals nobody could speak.
        if (round.phase == RoundPhase.Revealing) {
            _share(_slashSilent(panelId, round), job.requester(), address(0));
        }
        _releaseRest(panelId, round);
        if (status.answeredEarly) _revoke(jobId, job, status);
    }

    /// @dev Pays the members that said what most did; the others lose their stake.
    function _endPanel(Job calldata job, bytes32 panelId, Round memory round, bytes28 best, uint256 amount) private {
        _rewardSeats(panelId, round, best, amount);
        _share(_slashRest(panelId, round), job.requester(), address(0));
    }

    /// @dev The panel does not have the output: a callback that is due is left to `retryCallback`.
    function _settleLater(bytes32 jobId, Job calldata job, JobStatus memory status, bytes28 best) private {
        status.callbackOwed = status.callbackOwed || _isCallDue(job, status, bytes32(best));
        status.state = JobState.Settled;
        status.keepOutput(bytes32(best));
        _store(jobId, status);
    }

    /// @dev A panel may say any hash: for copies, also one that is no seat's but looks like the one in the status.
    function _stands(
        bytes32 jobId,
        Job calldata job,
        JobStatus memory status,
        bytes28 best
    ) private view returns (bool) {
        return status.keeps(bytes32(best)) && (job.copies() == 1 || _votes(jobId, _rounds[jobId], best) != 0);
    }
}
