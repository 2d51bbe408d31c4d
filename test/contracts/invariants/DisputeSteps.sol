// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Job} from "../../../contracts/types/Job.sol";
import {JobState} from "../../../contracts/types/JobStatus.sol";
import {Round, RoundPhase, Seat, SeatState} from "../../../contracts/types/Round.sol";
import {AnswerSteps} from "./AnswerSteps.sol";
import {CHEATS} from "./Cheats.sol";

/// @dev Copies, challenges, panels, and the exits that anyone may take.
abstract contract DisputeSteps is AnswerSteps {
    bytes32 private constant SALT = bytes32(uint256(7));

    /// @dev What a worker committed to, and with which key.
    mapping(bytes32 roundId => mapping(uint24 workerId => bytes)) private _committed;
    mapping(bytes32 roundId => mapping(uint24 workerId => address)) private _committer;

    function copy(uint256 seed) external step(seed) {
        seed = _mix(seed);
        (bool found, Entry storage entry) = _pickCopies(seed, _bit(JobState.Requested) | _bit(JobState.Copying));
        if (!found) return;
        Round memory round = market.roundOf(entry.id);
        if (round.phase == RoundPhase.Revealing) return _revealSome(entry, entry.id, round, seed >> 8);
        // Not everybody has a turn. The liar is eager.
        if ((seed >> 8) % 2 == 0) _commit(entry, entry.id, 0, seed >> 64);
        for (uint256 i = 0; i < 4; ++i) _commit(entry, entry.id, _anyWorker((seed >> 16) + i), seed >> 64);
    }

    function challenge(uint256 seed) external step(seed) {
        seed = _mix(seed);
        (bool found, Entry storage entry) = _pick(seed, _bit(JobState.Executed));
        // Wrong answers are found out more often than right ones are doubted.
        if (!found || (entry.outputHash == RIGHT_HASH && seed % 2 == 0)) return;
        Job memory job = entry.job;
        address challenger = _accounts[REQUESTERS + CONSUMERS + (seed % CHALLENGERS)];
        uint256 value = (seed >> 8) % 2 == 0 ? _value(BOND) : 0;
        CHEATS.prank(challenger);
        try market.challenge{value: value}(job) {
            _in[challenger] += value;
            _reach("challenged");
        } catch {}
    }

    function judge(uint256 seed) external step(seed) {
        seed = _mix(seed);
        Entry storage entry = _entries[0];
        for (uint256 i = 0; i < _open.length && !entry.hasPanel; ++i)
            entry = _entries[_open[(seed + i) % _open.length]];
        if (!entry.hasPanel) return;
        bytes32 panelId = market.panelIdOf(entry.id);
        Round memory panel = market.roundOf(panelId);
        if (panel.phase == RoundPhase.Revealing) return _revealSome(entry, panelId, panel, seed >> 8);
        try market.panelDraw(entry.job) returns (uint24[] memory drawn) {
            for (uint256 i = 0; i <= (seed >> 4) % 2 && i < drawn.length; ++i) {
                _commit(entry, panelId, drawn[((seed >> 8) + i) % drawn.length] - 1, seed >> 64);
            }
            // Who is not drawn, sometimes.
            if (seed % 8 == 0) _commit(entry, panelId, _anyWorker(seed >> 16), seed >> 64);
        } catch {}
    }

    /// @dev All exits of half of the jobs.
    function end(uint256 seed) external step(seed) {
        seed = _mix(seed);
        for (uint256 i = 0; i < _open.length; ++i) if ((seed >> i) % 2 == 0) _end(_entries[_open[i]]);
    }

    function retryCallback(uint256 seed) external step(seed) {
        seed = _mix(seed);
        if (_owing.length == 0) return;
        uint256 place = seed % _owing.length;
        Entry storage entry = _entries[_owing[place]];
        try market.retryCallback(entry.job, _outputOf(entry)) {
            _reach(market.statusOf(entry.id).callbackOwed ? "callback failed again" : "callback retried");
        } catch {
            require(!market.statusOf(entry.id).callbackOwed, "a callback cannot be retried");
        }
        if (market.statusOf(entry.id).callbackOwed) return;
        _owing[place] = _owing[_owing.length - 1];
        _owing.pop();
    }

    function _end(Entry storage entry) internal {
        Job memory job = entry.job;
        try market.settle(job, _outputOf(entry)) {} catch {}
        try market.openReveals(job) {
            _reach("reveals opened late");
        } catch {}
        try market.tally(job, RIGHT) {} catch {}
        try market.resolve(job) {} catch {}
        try market.expire(job) {} catch {}
    }

    function _commit(Entry storage entry, bytes32 roundId, uint256 index, uint256 seed) private returns (bool) {
        Job memory job = entry.job;
        bytes memory output = _answerOf(index, seed);
        bytes32 commitment = keccak256(abi.encode(roundId, _keys[index], keccak256(output), SALT));
        CHEATS.prank(_keys[index]);
        if (roundId == entry.id) {
            try market.commit(job, commitment) {} catch {
                return false;
            }
        } else {
            try market.commitVerdict(job, commitment) {} catch {
                return false;
            }
        }
        _committed[roundId][uint24(index + 1)] = output;
        _committer[roundId][uint24(index + 1)] = _keys[index];
        return true;
    }

    function _revealSome(Entry storage entry, bytes32 roundId, Round memory round, uint256 seed) private {
        for (uint8 i = 0; i < round.commits; ++i) if ((seed >> i) % 8 != 0) _reveal(entry, roundId, round, i);
    }

    /// @dev A reveal in time is never refused. One seat in eight stays silent.
    function _reveal(Entry storage entry, bytes32 roundId, Round memory round, uint8 index) private {
        Seat memory seat = market.seatOf(roundId, index);
        address key = _keys[seat.workerId - 1];
        bool isSilent = uint256(keccak256(abi.encode(roundId, seat.workerId))) % 8 == 0;
        if (seat.state != SeatState.Committed || isSilent || _committer[roundId][seat.workerId] != key) return;
        Job memory job = entry.job;
        bytes memory output = _committed[roundId][seat.workerId];
        bool done = true;
        CHEATS.prank(key);
        if (roundId == entry.id) {
            try market.reveal(job, output, SALT) {
                _given[entry.id][bytes22(keccak256(output))] = true;
            } catch {
                done = false;
            }
        } else {
            try market.revealVerdict(job, keccak256(output), SALT) {} catch {
                done = false;
            }
        }
        require(done == (block.timestamp <= round.dueAt), "a reveal was refused, or taken late");
    }

    function _pickCopies(uint256 seed, uint256 states) private view returns (bool found, Entry storage entry) {
        for (uint256 i = 0; i < 3; ++i) {
            (found, entry) = _pick(seed + i, states);
            if (found && entry.terms.copies > 1) return (true, entry);
        }
        found = false;
        entry = _entries[0];
    }
}
