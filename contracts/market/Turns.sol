// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAccounts} from "../interfaces/IAccounts.sol";
import {IJobs} from "../interfaces/IJobs.sol";
import {Draw} from "../libraries/Draw.sol";
import {Job} from "../types/Job.sol";
import {Standing, StandingLibrary} from "../types/Standing.sol";
import {Money} from "./Money.sol";

/// @title Whose turn it is
/// @notice The draw gives priority, acting gives duty. The first drawn worker has a job to itself for a window, the
/// second for the next one, then anybody who serves may act. The draw is made when somebody acts, from the hash of the
/// request's block: unknown inside the requesting transaction, and free for the requester.
abstract contract Turns is Money {
    /// @notice Where a job stands between its windows.
    struct Window {
        /// 0 and 1 while that drawn worker has priority, more when anybody may act.
        uint256 rank;
        uint256 until;
        /// Zero if the chain forgot it (256 blocks), which leaves the job to anybody.
        bytes32 seed;
    }

    /// @dev Places that are looked at before the job is left to anybody. If half of all tickets were dead, one draw in
    /// 2^16 would find nobody.
    uint256 internal constant ATTEMPTS = 16;
    uint256 internal constant NO_PLACE = type(uint256).max;

    /// @notice The worker with this key, if nobody else has priority, and its stake that is not reserved. Counts a miss of
    /// the first drawn worker if its window passed.
    function _takeTurn(bytes32 jobId, Job calldata job, address key) internal returns (uint24 workerId, uint256 free) {
        Window memory window = _openWindow(jobId, job);
        uint24 id;
        uint80 price;
        uint80 freeOfDrawn;
        (workerId, free, id, price, freeOfDrawn) = WORKERS.turnOf(
            key,
            job.versionId,
            job.level(),
            window.seed == 0 ? NO_PLACE : Draw.place(window.seed, jobId, 0, job.candidates())
        );

        (uint24 first, uint24 second) = _drawn(jobId, job, window, id, price, freeOfDrawn);
        uint24 holder =
            window.rank == 0
                ? first
                : window.rank == 1
                    ? second
                    : 0;
        if (holder != 0 && holder != workerId) revert IJobs.NotDrawn(jobId, holder, window.until);
        if (window.rank != 0 && first != 0 && first != workerId) _countMiss(first);
    }

    function _openWindow(bytes32 jobId, Job calldata job) internal view returns (Window memory window) {
        if (block.timestamp > job.deadline()) revert IJobs.JobTooLate(jobId, job.deadline());
        uint256 requestBlock = job.requestBlock();
        if (block.number <= requestBlock) revert IJobs.DrawNotReady(jobId);
        uint256 requestedAt = job.requestedAt();
        window.rank = (block.timestamp - requestedAt) / PRIORITY_WINDOW;
        window.until = requestedAt + (window.rank + 1) * PRIORITY_WINDOW;
        window.seed = blockhash(requestBlock);
    }

    /// @dev The second is looked for only while it has priority. Id, price and free stake are those at the first place.
    function _drawn(
        bytes32 jobId,
        Job calldata job,
        Window memory window,
        uint24 id,
        uint80 price,
        uint80 free
    ) internal view returns (uint24 first, uint24 second) {
        if (window.seed == 0) return (0, 0);
        for (uint256 attempt = 0; attempt < ATTEMPTS; ++attempt) {
            if (attempt != 0) {
                uint256 place = Draw.place(window.seed, jobId, attempt, job.candidates());
                (id, price, free) = WORKERS.candidateAt(job.versionId, job.level(), place);
            }
            if (id == 0 || id == first || price > job.maxPrice() || !_mayBind(id, free)) continue;
            if (first != 0) return (first, id);
            first = id;
            if (window.rank != 1) return (first, 0);
        }
    }

    /// @notice Not suspended, and with stake left for one more job.
    function _mayBind(uint24 workerId, uint256 free) internal view returns (bool) {
        return StandingLibrary.mayBind(_standings[workerId], free, JOB_STAKE);
    }

    function _countMiss(uint24 workerId) private {
        Standing memory standing = _standing(workerId);
        bool suspends = standing.countMiss(MISS_LIMIT);
        _keepStanding(workerId, standing);
        if (suspends) emit IAccounts.WorkerSuspended(workerId);
    }
}
