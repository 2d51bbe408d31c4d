// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IRounds} from "../interfaces/IRounds.sol";
import {Round, RoundPhase, Seat, SeatState} from "../types/Round.sol";
import {Ballots} from "./Ballots.sol";
import {Steps} from "./Steps.sol";

/// @title Commit, then reveal
/// @notice Seats of a round, whatever the round is for. A commitment binds round, worker, output and salt, so nobody can
/// copy another worker's answer; distinct workers may still belong to one operator.
/// @dev A seat holds `jobStake` from its commitment until it is rewarded, slashed or released, each of which ends it.
abstract contract Rounds is Steps, Ballots {
    /// @notice Binds the worker's stake to a new seat. Writes `round`, whose last seat begins the reveals.
    function _takeSeat(
        bytes32 roundId,
        Round memory round,
        uint24 workerId,
        uint256 free,
        bytes32 commitment
    ) internal {
        uint8 index = round.commits;
        _hold(workerId, free);
        round.commits = index + 1;
        _keepSeat(roundId, index, Seat(workerId, SeatState.Committed, bytes28(commitment)));
        emit IRounds.Committed(roundId, workerId, index);
        if (round.commits == round.seats) _beginReveals(roundId, round);
        _rounds[roundId] = round;
    }

    /// @notice Changes `round` without writing it.
    function _beginReveals(bytes32 roundId, Round memory round) internal {
        round.phase = RoundPhase.Revealing;
        round.dueAt = _dueIn(REVEAL_WINDOW);
        emit IRounds.RevealsOpened(roundId, round.dueAt);
    }

    /// @notice Checks the caller's commitment and notes its output.
    function _revealSeat(bytes32 roundId, bytes32 outputHash, bytes32 salt) internal returns (uint24 workerId) {
        Round memory round = _rounds[roundId];
        if (round.phase != RoundPhase.Revealing) revert IRounds.RoundPhaseMismatch(roundId, round.phase);
        if (block.timestamp > round.dueAt) revert IRounds.RoundOver(roundId, round.dueAt);
        workerId = WORKERS.workerIdOf(msg.sender);
        (uint256 index, Seat memory seat) = _seatOfWorker(roundId, round, workerId);
        if (seat.state != SeatState.Committed) revert IRounds.AlreadyRevealed(roundId, workerId);
        bytes32 commitment = keccak256(abi.encode(roundId, msg.sender, outputHash, salt));
        if (bytes28(commitment) != seat.kept) revert IRounds.CommitmentMismatch(roundId, workerId);

        _keepSeat(roundId, index, Seat(workerId, SeatState.Revealed, bytes28(outputHash)));
        ++round.reveals;
        _rounds[roundId] = round;
    }

    function _close(bytes32 roundId) internal {
        _rounds[roundId].phase = RoundPhase.Closed;
    }

    /// @notice Rewards every seat that revealed `output` with an equal part of `amount`; the first gets what rounding
    /// leaves. There must be one.
    function _rewardSeats(bytes32 roundId, Round memory round, bytes28 output, uint256 amount) internal {
        uint256 winners = _votes(roundId, round, output);
        uint256 extra = amount % winners;
        for (uint256 i = 0; i < round.commits; ++i) {
            Seat memory seat = _seat(roundId, i);
            if (!seat.answered(output)) continue;
            _endSeat(roundId, i, seat, SeatState.Released);
            uint256 earned = amount / winners + extra;
            extra = 0;
            _reward(seat.workerId, earned, JOB_STAKE);
            emit IRounds.WorkerPaid(roundId, seat.workerId, earned);
        }
    }

    /// @notice Takes the stake of every seat that still holds any.
    function _slashRest(bytes32 roundId, Round memory round) internal returns (uint256 taken) {
        for (uint256 i = 0; i < round.commits; ++i) {
            Seat memory seat = _seat(roundId, i);
            if (seat.holdsStake()) taken += _loseSeat(roundId, i, seat);
        }
    }

    /// @notice Takes the stake of every seat that did not reveal. Call it only after the reveals.
    function _slashSilent(bytes32 roundId, Round memory round) internal returns (uint256 taken) {
        for (uint256 i = 0; i < round.commits; ++i) {
            Seat memory seat = _seat(roundId, i);
            if (seat.state == SeatState.Committed) taken += _loseSeat(roundId, i, seat);
        }
    }

    /// @notice Lets go of the stake of every seat that still holds any.
    function _releaseRest(bytes32 roundId, Round memory round) internal {
        for (uint256 i = 0; i < round.commits; ++i) {
            Seat memory seat = _seat(roundId, i);
            if (seat.holdsStake()) _releaseSeat(roundId, i, seat);
        }
    }

    /// @notice Lets go of the stake of every seat that revealed something else than `output`.
    function _releaseOthers(bytes32 roundId, Round memory round, bytes28 output) internal {
        for (uint256 i = 0; i < round.commits; ++i) {
            Seat memory seat = _seat(roundId, i);
            if (seat.state == SeatState.Revealed && seat.kept != output) _releaseSeat(roundId, i, seat);
        }
    }

    /// @notice Whether nobody need be waited for: the phase's time is over, or all have revealed.
    function _isOver(Round memory round) internal view returns (bool) {
        return block.timestamp > round.dueAt || (round.phase == RoundPhase.Revealing && round.reveals == round.commits);
    }

    /// @notice The output that most seats revealed, and how many did; of equally many the first.
    function _mostFrequent(bytes32 roundId, Round memory round) internal view returns (bytes28 best, uint256 votes) {
        for (uint256 i = 0; i < round.commits; ++i) {
            Seat memory seat = _seat(roundId, i);
            if (seat.state != SeatState.Revealed) continue;
            uint256 same = _votes(roundId, round, seat.kept);
            if (same > votes) (best, votes) = (seat.kept, same);
        }
    }

    function _votes(bytes32 roundId, Round memory round, bytes28 output) internal view returns (uint256 votes) {
        for (uint256 i = 0; i < round.commits; ++i) if (_seat(roundId, i).answered(output)) ++votes;
    }

    function _seatOfWorker(
        bytes32 roundId,
        Round memory round,
        uint24 workerId
    ) internal view returns (uint256 index, Seat memory seat) {
        for (; index < round.commits; ++index) {
            seat = _seat(roundId, index);
            if (seat.workerId == workerId) return (index, seat);
        }
        revert IRounds.NoSeat(roundId, workerId);
    }

    /// @notice Puts the workers of a round's seats into `ids`, from `start` on.
    function _putSeated(bytes32 roundId, uint256 commits, uint24[] memory ids, uint256 start) internal view {
        for (uint256 i = 0; i < commits; ++i) ids[start + i] = _seat(roundId, i).workerId;
    }

    function _requireNoSeat(bytes32 roundId, Round memory round, uint24 workerId) internal view {
        for (uint256 i = 0; i < round.commits; ++i) {
            if (_seat(roundId, i).workerId == workerId) revert IRounds.SeatTaken(roundId, workerId);
        }
    }

    function _seat(bytes32 roundId, uint256 index) internal view returns (Seat memory seat) {
        uint256 packed = _seats[roundId][index];
        seat.kept = bytes28(bytes32(packed));
        seat.workerId = uint24(packed >> 8);
        seat.state = SeatState(uint8(packed));
    }

    /// @notice Round id of the panel that judges a job.
    function _panelId(bytes32 jobId) internal pure returns (bytes32) {
        return keccak256(abi.encode("Assay panel", jobId));
    }

    function _loseSeat(bytes32 roundId, uint256 index, Seat memory seat) private returns (uint256 taken) {
        _endSeat(roundId, index, seat, SeatState.Lost);
        taken = _slash(seat.workerId);
        emit IRounds.SeatLost(roundId, seat.workerId);
    }

    function _releaseSeat(bytes32 roundId, uint256 index, Seat memory seat) private {
        _endSeat(roundId, index, seat, SeatState.Released);
        _release(seat.workerId);
    }

    function _endSeat(bytes32 roundId, uint256 index, Seat memory seat, SeatState state) private {
        seat.state = state;
        _keepSeat(roundId, index, seat);
    }

    /// @dev From the highest bit: kept 224, worker 24, state 8.
    function _keepSeat(bytes32 roundId, uint256 index, Seat memory seat) private {
        _seats[roundId][index] = uint256(bytes32(seat.kept)) | (uint256(seat.workerId) << 8) | uint256(seat.state);
    }
}
