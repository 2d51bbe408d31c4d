// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Job} from "../types/Job.sol";
import {Round, RoundPhase, Seat} from "../types/Round.sol";

/// @title Copies of a job, and panels that judge a challenged answer
/// @notice Distinct workers commit to keccak256(abi.encode(jobId, key of the worker, keccak256(output), salt)), then
/// reveal. More than half of all seats with one answer decide. Whoever did not reveal loses `jobStake`; whoever answered
/// otherwise does when the job ends, unless evidence or a panel shows that it was right. Each seat is worth an equal part
/// of the fee; what wrong, silent and empty ones would have earned goes back to the requester. A panel's commitment has
/// the panel's round id in place of the job id.
interface IRounds {
    event Committed(bytes32 indexed roundId, uint24 indexed workerId, uint8 seat);
    /// @notice All commitments that count are there; reveal them by `dueAt`.
    event RevealsOpened(bytes32 indexed roundId, uint40 dueAt);
    /// @notice `output` is empty on a panel, which tells only the hash.
    event Revealed(bytes32 indexed roundId, uint24 indexed workerId, bytes32 outputHash, bytes output);
    /// @notice The copies agree on an answer, which is final at `dueAt` if nobody challenges it.
    event CopiesAgreed(bytes32 indexed jobId, bytes28 outputHash, uint256 votes, uint40 dueAt);
    /// @notice Answers contradict each other and none has a majority. Whoever brings evidence for its own by `dueAt`
    /// settles the job; where no evidence exists, `PanelCalled` comes before.
    event CopiesDisagreed(bytes32 indexed jobId, uint40 dueAt);
    event PanelCalled(bytes32 indexed jobId, bytes32 indexed roundId, uint8 seats, uint40 dueAt);
    /// @notice `decided` is false if no hash has a majority: the requester is refunded and the accused unharmed. `upheld`:
    /// an answer of the job is what the panel says, be it a minority's.
    event PanelJudged(bytes32 indexed jobId, bool decided, bool upheld);
    /// @notice Earned by a seat, whose stake is let go.
    event WorkerPaid(bytes32 indexed roundId, uint24 indexed workerId, uint256 amount);
    /// @notice Lost `jobStake` in a round. Seats that neither lost nor were paid are let go when the job ends.
    event SeatLost(bytes32 indexed roundId, uint24 indexed workerId);

    error RoundPhaseMismatch(bytes32 roundId, RoundPhase had);
    error SeatTaken(bytes32 roundId, uint24 workerId);
    error NoSeat(bytes32 roundId, uint24 workerId);
    /// @notice Seats of a panel are for drawn workers only, and never for those that answered in the job.
    error NotDrawnForPanel(bytes32 roundId, uint24 workerId);
    error CommitmentMismatch(bytes32 roundId, uint24 workerId);
    error AlreadyRevealed(bytes32 roundId, uint24 workerId);
    error RoundNotOver(bytes32 roundId, uint256 dueAt);
    error RoundOver(bytes32 roundId, uint256 dueAt);
    error TooFewCommitments(bytes32 roundId, uint256 had, uint256 needed);
    /// @notice Enough copies are there for a majority: open the reveals and tally.
    error QuorumCommitted(bytes32 roundId, uint256 had, uint256 quorum);
    error NotCopies(bytes32 jobId);
    /// @notice The version allows neither Tee nor Zkml, so no evidence counts: a panel judges.
    error PanelJudges(bytes32 jobId);

    /// @notice Takes one of the job's seats with a commitment, and binds `jobStake`.
    function commit(Job calldata job, bytes32 commitment) external;

    /// @notice Begins the reveals after the job's deadline, if not all seats but more than half of them are taken.
    function openReveals(Job calldata job) external;

    function reveal(Job calldata job, bytes calldata output, bytes32 salt) external;

    /// @notice Ends the reveals. With a majority its answer is executed; `output` may be empty unless a callback is due.
    /// If answers contradict each other without one, evidence or a panel decides; else the requester is refunded.
    function tally(Job calldata job, bytes calldata output) external;

    /// @notice Takes a seat of the panel that judges the challenged job, and binds `jobStake`.
    function commitVerdict(Job calldata job, bytes32 commitment) external;

    function revealVerdict(Job calldata job, bytes32 outputHash, bytes32 salt) external;

    function roundOf(bytes32 roundId) external view returns (Round memory);

    function seatOf(bytes32 roundId, uint256 seat) external view returns (Seat memory);

    /// @notice Workers that may take a seat of a job's panel now and have none. Those that answered in the job are not
    /// among them. Reverts with `DrawNotReady` in the challenge's block.
    function panelDraw(Job calldata job) external view returns (uint24[] memory workerIds);

    /// @notice Round id of the panel that judges a job; the copies of a job have the job id.
    function panelIdOf(bytes32 jobId) external pure returns (bytes32);
}
