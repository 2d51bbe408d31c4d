// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {CandidateList} from "../../contracts/libraries/Candidates.sol";
import {Draw} from "../../contracts/libraries/Draw.sol";
import {JobState, JobStatus, JobStatusLibrary} from "../../contracts/types/Job.sol";

contract LibrariesTest {
    CandidateList private _list;

    function testFuzz_AStatusSurvivesPacking(
        uint8 state,
        bool early,
        bool owed,
        uint24 workerId,
        uint32 dueAt,
        bytes22 outputHash
    ) public pure {
        JobStatus memory status = JobStatus(JobState(state % 7), early, owed, workerId, dueAt, outputHash);
        JobStatus memory back = JobStatusLibrary.unpack(status.pack());
        require(keccak256(abi.encode(status)) == keccak256(abi.encode(back)), "a field got lost");
    }

    function testFuzz_ADrawIsBelowTheNumberOfCandidates(bytes32 hash, bytes32 jobId, uint32 candidates) public pure {
        if (candidates == 0) return;
        require(Draw.place(hash, jobId, candidates) < candidates, "the place is not there");
    }

    function testFuzz_PlacesKeepTheirWorkers(uint24[25] calldata ids, uint256 leaving) public {
        for (uint32 i = 0; i < ids.length; ++i) require(_list.append(ids[i]) == i, "not appended at the end");
        for (uint32 i = 0; i < ids.length; ++i) if ((leaving >> i) & 1 == 1) _list.clear(i);
        for (uint32 i = 0; i < ids.length; ++i) {
            require(_list.idAt(i) == ((leaving >> i) & 1 == 1 ? 0 : ids[i]), "another worker stands there");
            if ((leaving >> i) & 1 == 1) _list.fill(i, ids[i]);
            require(_list.idAt(i) == ids[i], "the worker did not come back");
        }
        require(_list.serving == ids.length && _list.length == ids.length, "the counts are wrong");
        require(_list.idAt(ids.length) == 0, "there is somebody beyond the end");
    }
}
