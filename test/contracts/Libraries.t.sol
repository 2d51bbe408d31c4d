// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Draw} from "../../contracts/libraries/Draw.sol";
import {JobState, JobStatus, JobStatusLibrary} from "../../contracts/types/JobStatus.sol";

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
        JobStatus memory back = JobStatusLibrary.unpack(status.pack());
        require(keccak256(abi.encode(status)) == keccak256(abi.encode(back)), "a field got lost");
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
