// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Draw} from "../../contracts/libraries/Draw.sol";
import {JobState, JobStatus} from "../../contracts/types/JobStatus.sol";
import {Standing, StandingLibrary} from "../../contracts/types/Standing.sol";

contract LibrariesTest {
    function testFuzz_AStatusSurvivesPacking(
        uint8 state,
        bool early,
        bool owed,
        uint24 workerId,
        uint32 dueAt,
        bytes22 outputHash
    ) public pure {
        JobStatus memory status = JobStatus(JobState(state % 8), early, owed, workerId, dueAt, outputHash);
        JobStatus memory back;
        back.unpack(status.pack());
        require(keccak256(abi.encode(status)) == keccak256(abi.encode(back)), "a field got lost");
    }

    function testFuzz_AStandingSurvivesPacking(
        uint96 earned,
        uint80 bound,
        uint32 done,
        uint16 late,
        uint16 slashed,
        uint8 misses,
        bool suspended
    ) public pure {
        Standing memory standing = Standing(earned, bound, done, late, slashed, misses, suspended);
        Standing memory back = StandingLibrary.unpack(standing.pack());
        require(keccak256(abi.encode(standing)) == keccak256(abi.encode(back)), "a field got lost");
    }

    function testFuzz_CountersStopAtTheirHighest(Standing memory standing, uint8 limit) public pure {
        (uint32 done, uint16 late, uint16 slashed) = (standing.done, standing.late, standing.slashed);
        standing.suspended = false;
        standing.misses %= limit == 0 ? 1 : limit;
        bool suspends = standing.countMiss(limit == 0 ? 1 : limit);
        require(suspends == standing.suspended, "suspended without saying so");
        standing.countSlash();
        // The fuzzer's earnings may leave no room for one more.
        standing.earned >>= 1;
        Standing memory paid = StandingLibrary.unpack(StandingLibrary.reward(standing.pack(), 1, standing.bound));
        require(paid.earned == standing.earned + 1 && paid.bound == 0, "not paid, or still bound");
        require(paid.suspended == standing.suspended, "a job ended a suspension");
        standing = paid;
        require(standing.misses == 0, "a job does not forgive misses");
        require(standing.done >= done && standing.late >= late && standing.slashed >= slashed, "a counter fell");
        require(done == type(uint32).max || standing.done == done + 1, "a job was not counted");
        require(late == type(uint16).max || standing.late == late + 1, "a miss was not counted");
        require(slashed == type(uint16).max || standing.slashed == slashed + 1, "a slash was not counted");
    }

    function test_CountersAtTheirHighestStay() public pure {
        Standing memory standing = Standing(0, 0, type(uint32).max, type(uint16).max, type(uint16).max, 0, true);
        require(!standing.countMiss(1), "suspended twice");
        standing.countSlash();
        standing = StandingLibrary.unpack(StandingLibrary.reward(standing.pack(), 0, 0));
        require(standing.done == type(uint32).max, "jobs done started over");
        require(standing.late == type(uint16).max, "misses started over");
        require(standing.slashed == type(uint16).max, "slashes started over");
    }

    function testFuzz_ADrawIsBelowTheNumberOfCandidates(
        bytes32 hash,
        bytes32 jobId,
        uint256 attempt,
        uint32 candidates
    ) public pure {
        if (candidates == 0) return;
        require(Draw.place(hash, jobId, attempt, candidates) < candidates, "the place is not there");
    }
}
