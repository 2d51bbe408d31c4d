// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Answer, ProvenAnswer} from "../../../contracts/interfaces/IJobs.sol";
import {Job} from "../../../contracts/types/Job.sol";
import {JobState} from "../../../contracts/types/JobStatus.sol";
import {Round} from "../../../contracts/types/Round.sol";
import {Level} from "../../../contracts/types/Level.sol";
import {CHEATS} from "./Cheats.sol";
import {Trapdoor} from "./Trapdoor.sol";
import {Walk} from "./Walk.sol";

/// @dev What workers do with jobs of one copy, and evidence for any job.
abstract contract AnswerSteps is Walk {
    uint256 private constant MOST_ITEMS = 4;

    /// @dev Whoever's turn it is answers, with evidence or without, or binds itself to bring it.
    function act(uint256 seed) external step(seed) {
        seed = _mix(seed);
        (bool found, Entry storage entry) = _pick(seed, _bit(JobState.Requested));
        if (!found || entry.terms.copies != 1) return;
        uint256 index = _turnOf(entry, seed >> 8);
        uint256 kind = (seed >> 16) % 4;
        if (entry.terms.level == Level.Vanilla || kind == 0) _execute(entry, index, _answerOf(index, seed >> 24));
        else if (kind == 1) _fulfill(entry, index);
        else _claim(entry, index);
    }

    /// @dev A bound worker brings what it owes: in time and right, it is never refused.
    function prove(uint256 seed) external step(seed) {
        seed = _mix(seed);
        (bool found, Entry storage entry) = _pickUnproven(seed);
        if (!found) return;
        if (entry.terms.copies != 1) {
            // Some copies never show what they answered.
            if (uint256(entry.id) % 3 != 0) _proveCopy(entry);
            return;
        }
        bool isOwed = block.timestamp <= entry.dueAt && !entry.hasPanel && !_isJudgedByPanel(entry);
        bool isRight = entry.state == JobState.Claimed || entry.outputHash == RIGHT_HASH;
        bool done = _fulfill(entry, entry.workerId - 1);
        require(done == (isOwed && isRight), "evidence was refused, or taken late");
    }

    /// @dev A claimed job is answered early.
    function executeClaimed(uint256 seed) external step(seed) {
        seed = _mix(seed);
        (bool found, Entry storage entry) = _pick(seed, _bit(JobState.Claimed));
        if (found) _execute(entry, entry.workerId - 1, _answerOf(entry.workerId - 1, seed));
    }

    /// @dev Evidence for one answer shows no other one, and nonsense shows nothing.
    function forge(uint256 seed) external step(seed) {
        seed = _mix(seed);
        (bool found, Entry storage entry) = _pick(seed, type(uint256).max);
        if (!found) return;
        uint256 index = entry.workerId == 0 ? _anyWorker(seed >> 8) : entry.workerId - 1;
        bytes memory evidence = seed % 2 == 0 ? _evidence(entry, index) : bytes("nonsense");
        Job memory job = entry.job;
        CHEATS.prank(_keys[index]);
        try market.fulfill(job, seed % 2 == 0 ? WRONG : RIGHT, evidence) {
            revert("forged evidence was taken");
        } catch {}
    }

    function executeBatch(uint256 seed) external step(seed) {
        seed = _mix(seed);
        (uint256[] memory places, uint256 count) = _pickSome(seed, _bit(JobState.Requested));
        Answer[] memory answers = new Answer[](count);
        for (uint256 i = 0; i < count; ++i) answers[i] = Answer(_entries[places[i]].job, RIGHT);
        CHEATS.prank(_keys[_anyWorker(seed >> 8)]);
        _noteItems(places, market.executeBatch(answers), "executed in a batch");
    }

    function fulfillBatch(uint256 seed) external step(seed) {
        seed = _mix(seed);
        uint256 states = _bit(JobState.Requested) | _bit(JobState.Claimed) | _bit(JobState.Executed);
        (uint256[] memory places, uint256 count) = _pickSome(seed, states | _bit(JobState.Challenged));
        ProvenAnswer[] memory answers = new ProvenAnswer[](count);
        uint256 index = _anyWorker(seed >> 8);
        for (uint256 i = 0; i < count; ++i) {
            Entry storage entry = _entries[places[i]];
            // Of a worker that has something to show.
            if (i == 0 && entry.workerId != 0) index = entry.workerId - 1;
            answers[i] = ProvenAnswer(entry.job, RIGHT, _evidence(entry, index));
        }
        CHEATS.prank(_keys[index]);
        _noteItems(places, market.fulfillBatch(answers), "fulfilled in a batch");
    }

    function settleBatch(uint256 seed) external step(seed) {
        seed = _mix(seed);
        (uint256[] memory places, uint256 count) = _pickSome(seed, _bit(JobState.Executed));
        Answer[] memory answers = new Answer[](count);
        for (uint256 i = 0; i < count; ++i) {
            Entry storage entry = _entries[places[i]];
            answers[i] = Answer(entry.job, _outputOf(entry));
        }
        bytes4[] memory codes = market.settleBatch(answers);
        for (uint256 i = 0; i < count; ++i) if (codes[i] == 0) _reach("settled in a batch");
    }

    function _outputOf(Entry storage entry) internal view returns (bytes memory) {
        return entry.outputHash == RIGHT_HASH ? RIGHT : WRONG;
    }

    /// @dev A worker's key with right evidence for the right answer.
    function _fulfill(Entry storage entry, uint256 index) internal returns (bool done) {
        Job memory job = entry.job;
        bytes memory evidence = _evidence(entry, index);
        CHEATS.prank(_keys[index]);
        try market.fulfill(job, RIGHT, evidence) {
            _given[entry.id][RIGHT_HASH] = true;
            return true;
        } catch {
            return false;
        }
    }

    function _evidence(Entry storage entry, uint256 index) internal view returns (bytes memory) {
        bytes32 digest = market.resultDigest(entry.job, keccak256(RIGHT), _keys[index]);
        Level level = entry.terms.level;
        if (level == Level.Zkml || (level == Level.Vanilla && entry.terms.versionId == _versions[2])) {
            return bytes.concat(Trapdoor.prove(uint256(digest) >> 8, bytes1(INPUT), bytes1(RIGHT)), INPUT);
        }
        (uint8 v, bytes32 r, bytes32 s) = CHEATS.sign(_enclaveSecrets[index], digest);
        return abi.encodePacked(r, s, v);
    }

    /// @dev Any copy that answered so may show it.
    function _proveCopy(Entry storage entry) private {
        Round memory round = market.roundOf(entry.id);
        for (uint256 i = 0; i < round.commits; ++i) {
            if (_fulfill(entry, market.seatOf(entry.id, i).workerId - 1)) return;
        }
    }

    function _execute(Entry storage entry, uint256 index, bytes memory output) private {
        Job memory job = entry.job;
        CHEATS.prank(_keys[index]);
        try market.execute(job, output) {
            _given[entry.id][bytes22(keccak256(output))] = true;
            _reach("executed");
        } catch {}
    }

    function _claim(Entry storage entry, uint256 index) private {
        Job memory job = entry.job;
        CHEATS.prank(_keys[index]);
        try market.claim(job) {
            _reach("claimed");
        } catch {}
    }

    function _noteItems(uint256[] memory places, bytes4[] memory codes, string memory end) private {
        for (uint256 i = 0; i < codes.length; ++i) {
            if (codes[i] != 0) continue;
            _given[_entries[places[i]].id][RIGHT_HASH] = true;
            _reach(end);
        }
    }

    /// @dev The drawn worker, or anybody if there is none, and sometimes anybody all the same.
    function _turnOf(Entry storage entry, uint256 seed) private view returns (uint256 index) {
        index = seed % 4 == 0 ? 0 : _anyWorker(seed >> 8);
        if (seed % 8 == 0) return index;
        try market.drawnWorker(entry.job) returns (uint24 drawn, uint256) {
            if (drawn != 0) index = drawn - 1;
        } catch {}
    }

    function _pickUnproven(uint256 seed) private view returns (bool found, Entry storage entry) {
        (found, entry) = _pick(seed, _bit(JobState.Claimed) | _bit(JobState.Challenged));
        if (found && seed % 4 != 0) return (true, entry);
        (found, entry) = _pick(seed, _bit(JobState.Executed));
        found = found && entry.terms.level != Level.Vanilla;
    }

    /// @dev The first open jobs in these states, from a random one on.
    function _pickSome(uint256 seed, uint256 states) private view returns (uint256[] memory places, uint256 count) {
        places = new uint256[](MOST_ITEMS);
        for (uint256 i = 0; i < _open.length && count < MOST_ITEMS; ++i) {
            uint256 place = _open[(seed + i) % _open.length];
            if ((states >> uint256(_entries[place].state)) & 1 == 1) places[count++] = place;
        }
    }
}
