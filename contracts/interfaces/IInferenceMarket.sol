// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Challenge, Job, JobState, JobStatus, Request} from "../types/Job.sol";
import {Level} from "../types/Level.sol";

/// @notice What is fixed at deployment, in seconds and wei.
struct MarketParameters {
    /// How long the drawn worker has a job to itself.
    uint32 priorityWindow;
    /// How long evidence may take after a claim, an early answer or a challenge.
    uint32 evidenceWindow;
    uint32 minChallengeWindow;
    uint32 maxTimeToLive;
    uint32 maxCallbackGas;
    /// Stake that a claim or an early answer binds, and loses.
    uint96 jobStake;
    uint96 challengeBond;
}

/// @title The market: jobs from request to settlement
/// @notice One request type, escrow, callback and refund rule for all three levels. Money is the chain's native coin,
/// kept in accounts; everyone withdraws their own. Only a status is stored for each job; callers supply the job
/// again, as it was in `JobRequested`.
/// @dev Every state that holds money has an exit that anyone may take after a deadline, and silence favours the
/// requester. Callbacks never decide settlement.
interface IInferenceMarket {
    event Deposited(address indexed account, address indexed from, uint256 amount);
    event Withdrawn(address indexed account, address to, uint256 amount);
    event JobRequested(
        bytes32 indexed jobId,
        bytes32 indexed versionId,
        address indexed requester,
        Job job,
        bytes input
    );
    /// @notice A worker bound itself to bring evidence by `dueAt`.
    event JobClaimed(bytes32 indexed jobId, uint24 indexed workerId, uint40 dueAt);
    /// @notice An answer with stake behind it. `dueAt`: Vanilla, when it becomes final; else when evidence is due.
    event JobExecuted(bytes32 indexed jobId, uint24 indexed workerId, bytes output, uint40 dueAt);
    event JobChallenged(bytes32 indexed jobId, address indexed challenger, uint256 bond, uint40 dueAt);
    /// @notice Evidence for `output` was accepted; `JobSettled` follows.
    event JobFulfilled(bytes32 indexed jobId, uint24 indexed workerId, bytes output);
    event JobSettled(bytes32 indexed jobId, uint24 indexed workerId, uint256 fee, uint256 royalty, uint256 protocolFee);
    /// @notice The escrow went back. `workerId` is 0 if nobody was at fault, `slashed` what that worker lost.
    event JobRefunded(bytes32 indexed jobId, uint24 indexed workerId, uint256 refund, uint256 slashed);
    event CallbackDelivered(bytes32 indexed jobId);
    /// @notice The consumer reverted or has no code; `reason` is cut to 132 bytes. Anyone may retry.
    event CallbackFailed(bytes32 indexed jobId, bytes reason);
    event PausedChanged(bool paused);
    event ProtocolFeeChanged(uint16 basisPoints, address treasury);

    error RequestsPaused();
    error LevelNotAllowed(bytes32 versionId, Level level);
    error VersionDeprecated(bytes32 versionId);
    error InputLength(uint256 had, uint256 needed);
    error OutputLength(uint256 had, uint256 needed);
    error FeeTooLow(uint256 had, uint256 needed);
    error FeesOutOfOrder(uint256 minFee, uint256 maxFee);
    error BalanceTooLow(address account, uint256 had, uint256 needed);
    error NoWorkerServes(bytes32 versionId, Level level);
    error TimeToLiveOutOfRange(uint256 had, uint256 min, uint256 max);
    error ChallengeWindowOutOfRange(uint256 had, uint256 min, uint256 max);
    error CopiesOutOfRange(uint256 had, uint256 max);
    error CallbackGasTooHigh(uint256 had, uint256 max);
    /// @notice The job is in another state than the call needs; an unknown job is in `None`.
    error JobStateMismatch(bytes32 jobId, JobState had);
    error JobTooLate(bytes32 jobId, uint256 deadline);
    error JobNotDue(bytes32 jobId, uint256 dueAt);
    /// @notice The draw needs the request's block hash: act from the next block on.
    error DrawNotReady(bytes32 jobId);
    /// @notice Until `until` only the drawn worker may act.
    error NotDrawn(bytes32 jobId, uint24 drawn, uint256 until);
    error NotBoundWorker(bytes32 jobId, uint24 bound);
    error OutputMismatch(bytes32 jobId);
    /// @notice Only a job that needs evidence can be claimed.
    error ClaimNotNeeded(bytes32 jobId);
    error EvidenceNotNeeded(bytes32 jobId);
    error BondMismatch(uint256 had, uint256 needed);
    error CallbackGasMissing(uint256 had, uint256 needed);
    error NoCallbackOwed(bytes32 jobId);
    error TransferFailed(address to, uint256 amount);
    /// @notice Plain transfers are refused: use `deposit`.
    error TransferUnexpected(address from, uint256 amount);
    /// @notice A parameter is zero where it must not be, or above what it may be.
    error ParameterOutOfRange(string name, uint256 had, uint256 max);

    /// @notice Adds the value sent to an account's prepaid balance.
    function deposit(address account) external payable;

    /// @notice Takes money out of the caller's account. Never paused.
    function withdraw(uint256 amount, address payable to) external;

    /// @notice Asks for one inference. The value sent is added to the caller's account; `maxFee` is earmarked from it.
    /// Reverts for an unknown or deprecated version, a level it does not allow, an input of the wrong length, a least
    /// fee below the version's royalty, or when no worker serves.
    function request(Request calldata req, bytes calldata input) external payable returns (bytes32 jobId);

    /// @notice A worker binds itself to bring evidence in time (Tee, Zkml), so that others need not duplicate the work.
    function claim(Job calldata job) external;

    /// @notice Posts an answer with stake behind it. Vanilla: final after the challenge window. Tee, Zkml: an early
    /// answer, evidence for the same output is due in time.
    function execute(Job calldata job, bytes calldata output) external;

    /// @notice Brings evidence, which settles the job. From `Requested`, by any worker whose turn it is; else by
    /// the bound worker. In `Challenged` the evidence is that of the strongest level the version has.
    function fulfill(Job calldata job, bytes calldata output, bytes calldata evidence) external;

    /// @notice Demands evidence for a Vanilla answer inside its window. The bond goes to the worker if it brings it,
    /// and comes back with a share of the slash if not. Value sent: exactly `challengeBond`.
    function challenge(Job calldata job) external payable;

    /// @notice Pays for a Vanilla answer whose window passed. `output` may be empty unless a callback is due.
    function settle(Job calldata job, bytes calldata output) external;

    /// @notice Ends a job that is late: unanswered (nobody is slashed), claimed or answered early without evidence
    /// (the worker is slashed).
    function expire(Job calldata job) external;

    /// @notice Ends a challenge whose evidence did not come: refund, slash, reward.
    function resolve(Job calldata job) external;

    /// @notice Repeats a failed callback. Anyone may.
    function retryCallback(Job calldata job, bytes calldata output) external;

    /// @notice Administrator: stop or allow new requests. Nothing else is ever stopped.
    function setPaused(bool paused) external;

    /// @notice Administrator: protocol fee in basis points of each fee, at most 500, and who gets it.
    function setProtocolFee(uint16 basisPoints, address treasury) external;

    function jobIdOf(Job calldata job) external view returns (bytes32);

    function statusOf(bytes32 jobId) external view returns (JobStatus memory);

    function challengeOf(bytes32 jobId) external view returns (Challenge memory);

    function balanceOf(address account) external view returns (uint256);

    function nonceOf(address requester) external view returns (uint64);

    /// @notice What a worker that acts at `time` is paid, royalty and protocol fee included.
    function feeAt(Job calldata job, uint256 time) external view returns (uint256);

    /// @notice The worker that has priority, and until when; 0 if anyone serving may act. Reverts with `DrawNotReady`
    /// in the request's block.
    function drawnWorker(Job calldata job) external view returns (uint24 workerId, uint256 until);

    /// @notice EIP-712 digest that evidence binds. Its upper 248 bits are a circuit's first public signal.
    /// Domain: name "Assay", version "1", chain id, this market. Type:
    /// Result(bytes32 jobId,bytes32 versionId,bytes32 inputHash,bytes32 outputHash,address worker,uint40 deadline)
    function resultDigest(Job calldata job, bytes32 outputHash, address worker) external view returns (bytes32);

    function paused() external view returns (bool);

    function protocolFeeBasisPoints() external view returns (uint16);

    function treasury() external view returns (address);

    /// @notice Immutable parameters, in seconds and wei.
    function parameters() external view returns (MarketParameters memory);
}
