// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IJobs} from "../interfaces/IJobs.sol";
import {IRounds} from "../interfaces/IRounds.sol";
import {Job} from "../types/Job.sol";
import {JobState, JobStatus} from "../types/JobStatus.sol";
import {Level} from "../types/Level.sol";
import {Round, RoundPhase} from "../types/Round.sol";
import {Rounds} from "./Rounds.sol";

/// @title Ends of jobs that tally, evidence and panels have in common
abstract contract Outcomes is Rounds {
    uint8 internal constant PANEL_SEATS = 3;

    /// @notice Pays the copies that answered `output`, of which there must be one, and takes the stake of the others.
    /// Every seat is worth an equal part of the fee above the royalty, rounded down together; what seats that were not
    /// taken, silent or wrong would have earned goes back to the requester.
    /// @param bonus What the winners share besides.
    /// @return taken Stake of the others, to be divided.
    function _settleCopies(
        bytes32 jobId,
        Job calldata job,
        bytes28 output,
        uint256 bonus
    ) internal returns (uint256 taken) {
        Round memory round = _rounds[jobId];
        uint256 royalty = job.royalty();
        uint256 fee = royalty + ((round.fee - royalty) * _votes(jobId, round, output)) / round.seats;
        _credit(job.requester(), round.fee - fee);
        (uint256 rest, uint256 protocolFee) = _payOthers(job, fee);
        _rewardSeats(jobId, round, output, rest + bonus);
        taken = _slashRest(jobId, round);
        emit IJobs.JobSettled(jobId, 0, fee, royalty, protocolFee);
    }

    function _refund(bytes32 jobId, JobStatus memory status) internal {
        status.state = JobState.Refunded;
        // An early answer that never reached the consumer needs no delivery any more.
        status.callbackOwed = false;
        _store(jobId, status);
    }

    /// @notice Calls a panel, if besides those of the job enough workers serve.
    /// @return dueAt When a verdict is there if each step is taken at once.
    function _callPanel(bytes32 jobId, Job calldata job) internal returns (uint32 dueAt) {
        (uint32 length, ) = WORKERS.candidates(job.versionId, Level.Vanilla);
        Round memory round;
        round.phase = RoundPhase.Committing;
        round.seats = PANEL_SEATS;
        round.dueAt = _dueIn(EVIDENCE_WINDOW);
        round.seedBlock = uint48(block.number);
        round.candidates = length;
        bytes32 panelId = _panelId(jobId);
        _rounds[panelId] = round;
        emit IRounds.PanelCalled(jobId, panelId, PANEL_SEATS, round.dueAt);
        return _dueIn(EVIDENCE_WINDOW + REVEAL_WINDOW);
    }

    /// @notice How many workers serve the job's version, if all that answered still do, besides those.
    function _othersServing(bytes32 jobId, Job calldata job) internal view returns (uint256) {
        (, uint256 serving) = WORKERS.candidates(job.versionId, Level.Vanilla);
        uint256 answered = _answered(jobId, job);
        return serving > answered ? serving - answered : 0;
    }

    /// @notice How many workers have a part in a job that was answered.
    function _answered(bytes32 jobId, Job calldata job) internal view returns (uint256) {
        return job.copies() == 1 ? 1 : _rounds[jobId].commits;
    }

    /// @notice Whether settling with this output calls the consumer: also if it was given another one early, or in vain.
    function _isCallDue(Job calldata job, JobStatus memory status, bytes32 outputHash) internal pure returns (bool) {
        return job.consumer() != address(0) && (!status.keeps(outputHash) || _isDueAtSettlement(job, status));
    }
}
