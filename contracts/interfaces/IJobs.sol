// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Job, JobDescription, Request} from "../types/Job.sol";
import {JobState, JobStatus} from "../types/JobStatus.sol";
import {Level} from "../types/Level.sol";

/// @notice One item of `executeBatch` and `settleBatch`. To settle, `output` may be empty unless a callback is due.
struct Answer {
    Job job;
    bytes output;
}

/// @notice One item of `fulfillBatch`.
struct ProvenAnswer {
    Job job;
    bytes output;
    bytes evidence;
}

/// @title Jobs from request to settlement
/// @notice One request type, escrow, callback and refund rule for all three levels. Only a status is stored for each
/// job; callers supply the job again, as it was in `JobRequested`.
/// @dev Every state that holds money has an exit that anyone may take after a deadline, and silence favours the
/// requester. Callbacks never decide settlement.
interface IJobs {
    event JobRequested(
        bytes32 indexed jobId,
        bytes32 indexed versionId,
        address indexed requester,
        Job job,
        bytes input
    );
    /// @notice An answer with stake behind it. `dueAt`: Vanilla, when it becomes final; else when evidence is due.
    event JobExecuted(bytes32 indexed jobId, uint24 indexed workerId, bytes output, uint40 dueAt);
    /// @notice Evidence for `output` was accepted; `JobSettled` follows.
    event JobFulfilled(bytes32 indexed jobId, uint24 indexed workerId, bytes output);
    /// @notice Paid. `workerId` is 0 for a job with several copies, whose shares `WorkerPaid` tells.
    event JobSettled(bytes32 indexed jobId, uint24 indexed workerId, uint256 fee, uint256 royalty, uint256 protocolFee);
    /// @notice The escrow went back. `workerId` is 0 if nobody or more than one was at fault, `slashed` what was lost.
    event JobRefunded(bytes32 indexed jobId, uint24 indexed workerId, uint256 refund, uint256 slashed);
    event CallbackDelivered(bytes32 indexed jobId);
    /// @notice The consumer reverted or has no code; `reason` is cut to 132 bytes. Anyone may retry.
    event CallbackFailed(bytes32 indexed jobId, bytes reason);
    /// @notice An item of a batch had no effect; `code` is the selector of the error, 0 for none.
    event BatchItemFailed(uint256 indexed index, bytes4 code);

    error RequestsPaused();
    error LevelNotAllowed(bytes32 versionId, Level level);
    error VersionDeprecated(bytes32 versionId);
    error InputLength(uint256 had, uint256 needed);
    error OutputLength(uint256 had, uint256 needed);
    error FeeTooLow(uint256 had, uint256 needed);
    error FeesOutOfOrder(uint256 minFee, uint256 maxFee);
    /// @notice Fewer workers serve than the request wants answers.
    error TooFewWorkers(bytes32 versionId, Level level, uint256 had, uint256 needed);
    /// @notice The worker's free stake does not cover what it has bound and this job besides.
    error StakeMissing(uint24 workerId, uint256 had, uint256 needed);
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
    /// @notice Vanilla answers need no evidence unless they are challenged.
    error EvidenceNotNeeded(bytes32 jobId);
    /// @notice A job with several copies is answered by `commit` and `reveal`.
    error CopiesNeedCommitment(bytes32 jobId);
    /// @notice The consumer cannot be given the gas that was promised to it: send more.
    error CallbackGasMissing(uint256 had, uint256 needed);
    /// @notice What an item of a batch that failed without a reason, as for lack of gas, is told as.
    error FailedWithoutReason();
    /// @notice Only the market calls itself, for the items of a batch.
    error NotSelf(address caller);

    /// @notice Asks for one inference. The value sent is added to the caller's account; `maxFee` is earmarked from it.
    /// Reverts for an unknown or deprecated version, a level it does not allow, an input of the wrong length, a least
    /// fee below the version's royalty, or when too few workers serve.
    function request(Request calldata req, bytes calldata input) external payable returns (bytes32 jobId);

    /// @notice Posts an answer with stake behind it. Vanilla: final after the challenge window. Tee, Zkml: an early
    /// answer, evidence for the same output is due in time.
    function execute(Job calldata job, bytes calldata output) external;

    /// @notice Brings evidence, which settles the job. From `Requested`, by any worker whose turn it is; else by
    /// the bound worker. In `Challenged` the evidence is that of the strongest level the version has.
    function fulfill(Job calldata job, bytes calldata output, bytes calldata evidence) external;

    /// @notice Pays for a Vanilla answer whose window passed. `output` may be empty unless a callback is due.
    function settle(Job calldata job, bytes calldata output) external;

    /// @notice Each item like `execute`. One that fails has no effect on the others.
    /// @return codes For each item 0 if it was done, else the selector of its error.
    function executeBatch(Answer[] calldata answers) external returns (bytes4[] memory codes);

    /// @notice Each item like `fulfill`. Neighbours of one version that proofs decide share one pairing check; if that
    /// fails, each is checked for itself.
    function fulfillBatch(ProvenAnswer[] calldata answers) external returns (bytes4[] memory codes);

    /// @notice Each item like `settle`.
    function settleBatch(Answer[] calldata answers) external returns (bytes4[] memory codes);

    function jobIdOf(Job calldata job) external view returns (bytes32);

    function statusOf(bytes32 jobId) external view returns (JobStatus memory);

    /// @notice EIP-712 digest that evidence binds. Its upper 248 bits are a circuit's first public signal.
    /// Domain: name "Assay", version "1", chain id, this market. Type:
    /// Result(bytes32 jobId,bytes32 versionId,bytes32 inputHash,bytes32 outputHash,address worker,uint40 deadline)
    function resultDigest(Job calldata job, bytes32 outputHash, address worker) external view returns (bytes32);
}

/// @title What is seldom asked about jobs
interface IJobViews {
    /// @notice What a worker that acts at `time` is paid, royalty and protocol fee included.
    function feeAt(Job calldata job, uint256 time) external view returns (uint256);

    /// @notice The worker that has priority now, and until when; 0 if anyone serving may act. Reverts with
    /// `DrawNotReady` in the request's block. For a job with several copies the first one drawn.
    function drawnWorker(Job calldata job) external view returns (uint24 workerId, uint256 until);

    /// @notice Checks evidence for a fresh answer inside the caller's own transaction, without a job: returns if it is
    /// good and reverts with the reason if not. The evidence names the caller, `nonce` and `deadline` (see
    /// `callDigest`), so it counts for nobody else; the caller remembers nonces if one answer must count once.
    /// @param worker The key that the evidence names; it need not have stake.
    function verify(
        bytes32 versionId,
        Level level,
        bytes calldata input,
        bytes calldata output,
        bytes calldata evidence,
        address worker,
        uint256 nonce,
        uint40 deadline
    ) external view;

    /// @notice The digest for `verify`: that of a result whose job id is
    /// keccak256(abi.encode("Assay call", chainid, market, caller, nonce)).
    function callDigest(
        bytes32 versionId,
        bytes32 inputHash,
        bytes32 outputHash,
        address worker,
        address caller,
        uint256 nonce,
        uint40 deadline
    ) external view returns (bytes32);

    function describe(Job calldata job) external pure returns (JobDescription memory);

    function packJob(JobDescription calldata terms) external pure returns (Job memory);
}
