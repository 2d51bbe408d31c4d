// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Job} from "../types/Job.sol";
import {Challenge} from "../types/JobStatus.sol";

/// @title Duties, demands for evidence, and the exits of late jobs
interface IDisputes {
    /// @notice A worker bound itself to bring evidence by `dueAt`.
    event JobClaimed(bytes32 indexed jobId, uint24 indexed workerId, uint40 dueAt);
    event JobChallenged(bytes32 indexed jobId, address indexed challenger, uint256 bond, uint40 dueAt);

    /// @notice Only a job that needs evidence can be claimed.
    error ClaimNotNeeded(bytes32 jobId);
    error NoCallbackOwed(bytes32 jobId);
    /// @notice Fewer workers serve the version than a panel needs besides those of the job.
    error PanelTooSmall(uint256 had, uint256 needed);

    /// @notice A worker binds itself to bring evidence in time (Tee, Zkml), so that others need not duplicate the work.
    function claim(Job calldata job) external;

    /// @notice Demands evidence for a Vanilla answer inside its window: a proof if the version has a key, else an
    /// enclave's signature, else the verdict of a panel. The bond is `challengeBond`, from the caller's account, to which
    /// the value sent is added first.
    function challenge(Job calldata job) external payable;

    /// @notice Ends a challenge, or a disagreement of copies, whose evidence did not come or whose panel is done. Without
    /// evidence the requester is refunded and who is accused slashed: without a challenger, every copy that revealed. A
    /// panel that is complete enough when its time is over begins its reveals by this.
    function resolve(Job calldata job) external;

    /// @notice Ends a job that is late: unanswered (nobody is slashed), claimed or answered early without evidence
    /// (the worker is slashed), or with too few copies.
    function expire(Job calldata job) external;

    /// @notice Repeats a failed callback. Anyone may.
    function retryCallback(Job calldata job, bytes calldata output) external;

    function challengeOf(bytes32 jobId) external view returns (Challenge memory);
}
