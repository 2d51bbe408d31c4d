// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import {IEvidenceVerifier, Statement} from "./interfaces/IEvidenceVerifier.sol";
import {IInferenceMarket, MarketParameters} from "./interfaces/IInferenceMarket.sol";
import {IModelRegistry} from "./interfaces/IModelRegistry.sol";
import {IWorkerRegistry} from "./interfaces/IWorkerRegistry.sol";
import {Draw} from "./libraries/Draw.sol";
import {Delivery} from "./market/Delivery.sol";
import {Settings} from "./market/Settings.sol";
import {Settlement} from "./market/Settlement.sol";
import {Challenge, Job, JobState, JobStatus, Request} from "./types/Job.sol";
import {Level} from "./types/Level.sol";
import {RequestTerms, VersionTerms} from "./types/Version.sol";

/// @title The life of a job
/// @notice Every step reads: load the job, check whose turn it is, check the evidence, write the status, move the
/// money, call the consumer.
contract InferenceMarket is Settlement, Delivery, EIP712 {
    bytes32 private constant RESULT_TYPEHASH = keccak256(
        "Result(bytes32 jobId,bytes32 versionId,bytes32 inputHash,bytes32 outputHash,address worker,uint40 deadline)"
    );

    uint256 private constant MAX_COPIES = 1;

    IEvidenceVerifier private immutable TEE_VERIFIER;
    IEvidenceVerifier private immutable ZKML_VERIFIER;

    mapping(bytes32 jobId => Challenge) private _challenges;

    constructor(
        MarketParameters memory fixedParameters,
        IModelRegistry models,
        IWorkerRegistry workers,
        IEvidenceVerifier teeVerifier,
        IEvidenceVerifier zkmlVerifier,
        address authority
    ) AccessManaged(authority) Settings(fixedParameters) Settlement(models, workers) EIP712("Assay", "1") {
        TEE_VERIFIER = teeVerifier;
        ZKML_VERIFIER = zkmlVerifier;
    }

    /// @inheritdoc IInferenceMarket
    function request(Request calldata req, bytes calldata input) external payable override returns (bytes32 jobId) {
        if (paused) revert RequestsPaused();
        RequestTerms memory facts = MODELS.requestTerms(req.versionId);
        _checkRequest(req, facts, input.length);

        Job memory job = _newJob(req, facts, keccak256(input));
        jobId = job.idInMemory();
        JobStatus memory status;
        status.state = JobState.Requested;
        status.dueAt = uint32(job.deadline);
        _store(jobId, status);
        emit JobRequested(jobId, job.versionId, msg.sender, job, input);
    }

    /// @inheritdoc IInferenceMarket
    function claim(Job calldata job) external override nonReentrant {
        (bytes32 jobId, JobStatus memory status) = _load(job);
        if (status.state != JobState.Requested) revert JobStateMismatch(jobId, status.state);
        if (job.level == Level.Vanilla) revert ClaimNotNeeded(jobId);

        _bindWorker(jobId, job, status);
        status.state = JobState.Claimed;
        _store(jobId, status);
        emit JobClaimed(jobId, status.workerId, status.dueAt);
        _charge(job);
    }

    /// @inheritdoc IInferenceMarket
    function execute(Job calldata job, bytes calldata output) external override nonReentrant {
        (bytes32 jobId, JobStatus memory status) = _load(job);
        JobState had = status.state;
        if (had == JobState.Requested) _bindWorker(jobId, job, status);
        else if (had == JobState.Claimed) _requireBoundInTime(jobId, status);
        else revert JobStateMismatch(jobId, had);
        if (!job.fits(output.length)) revert OutputLength(output.length, job.outputBytes);

        status.state = JobState.Executed;
        status.keepOutput(output);
        _store(jobId, status);
        emit JobExecuted(jobId, status.workerId, output, status.dueAt);
        if (had == JobState.Requested) _charge(job);
        if (_isDueAtExecution(job)) _deliver(jobId, job, status, output);
    }

    /// @inheritdoc IInferenceMarket
    function fulfill(Job calldata job, bytes calldata output, bytes calldata evidence) external override nonReentrant {
        (bytes32 jobId, JobStatus memory status) = _load(job);
        JobState had = status.state;
        if (job.level == Level.Vanilla && (had == JobState.Requested || had == JobState.Executed)) {
            revert EvidenceNotNeeded(jobId);
        }
        if (had == JobState.None || had >= JobState.Settled) revert JobStateMismatch(jobId, had);
        if (had == JobState.Requested) status.workerId = _requireTurn(jobId, job);
        else _requireBoundInTime(jobId, status);
        bool isAnswered = had == JobState.Executed || had == JobState.Challenged;
        if (isAnswered && !status.keeps(output)) revert OutputMismatch(jobId);
        if (!job.fits(output.length)) revert OutputLength(output.length, job.outputBytes);
        _verify(jobId, job, output, evidence);

        (uint256 fee, uint256 bond) = had == JobState.Requested ? (_charge(job), 0) : _owed(jobId, job, status);
        if (had == JobState.Challenged) delete _challenges[jobId];
        status.state = JobState.Settled;
        status.keepOutput(output);
        _store(jobId, status);
        emit JobFulfilled(jobId, status.workerId, output);
        address operator =
            had == JobState.Requested
                ? WORKERS.operatorOf(status.workerId)
                : WORKERS.release(status.workerId, JOB_STAKE);
        _pay(jobId, job, status.workerId, operator, fee, bond);
        if (_isDueAtSettlement(job, status)) _deliver(jobId, job, status, output);
    }

    /// @inheritdoc IInferenceMarket
    function challenge(Job calldata job) external payable override nonReentrant {
        (bytes32 jobId, JobStatus memory status) = _loadAnswered(job);
        if (block.timestamp > status.dueAt) revert JobTooLate(jobId, status.dueAt);
        if (msg.value != CHALLENGE_BOND) revert BondMismatch(msg.value, CHALLENGE_BOND);

        // The due date is about to change, and with it what the fee is derived from. It is at most maxFee, 96 bits.
        (uint256 fee, ) = _owed(jobId, job, status);
        _challenges[jobId] = Challenge(msg.sender, uint96(fee));
        status.state = JobState.Challenged;
        status.dueAt = _dueIn(EVIDENCE_WINDOW);
        _store(jobId, status);
        emit JobChallenged(jobId, msg.sender, msg.value, status.dueAt);
    }

    /// @inheritdoc IInferenceMarket
    function settle(Job calldata job, bytes calldata output) external override nonReentrant {
        (bytes32 jobId, JobStatus memory status) = _loadAnswered(job);
        if (block.timestamp <= status.dueAt) revert JobNotDue(jobId, status.dueAt);
        bool callsBack = _isDueAtSettlement(job, status);
        if (callsBack && !status.keeps(output)) revert OutputMismatch(jobId);

        (uint256 fee, ) = _owed(jobId, job, status);
        status.state = JobState.Settled;
        _store(jobId, status);
        address operator = WORKERS.release(status.workerId, JOB_STAKE);
        _pay(jobId, job, status.workerId, operator, fee, 0);
        if (callsBack) _deliver(jobId, job, status, output);
    }

    /// @inheritdoc IInferenceMarket
    function expire(Job calldata job) external override nonReentrant {
        (bytes32 jobId, JobStatus memory status) = _load(job);
        bool isUnanswered = status.state == JobState.Requested;
        bool lacksEvidence =
            status.state == JobState.Claimed || (status.state == JobState.Executed && job.level != Level.Vanilla);
        if (!isUnanswered && !lacksEvidence) revert JobStateMismatch(jobId, status.state);
        if (block.timestamp <= status.dueAt) revert JobNotDue(jobId, status.dueAt);

        if (lacksEvidence) {
            (uint256 fee, ) = _owed(jobId, job, status);
            _endAtFault(jobId, job, status, fee, address(0));
        } else {
            status.state = JobState.Refunded;
            _store(jobId, status);
            _credit(job.requester, job.maxFee);
            emit JobRefunded(jobId, 0, job.maxFee, 0);
        }
    }

    /// @inheritdoc IInferenceMarket
    function resolve(Job calldata job) external override nonReentrant {
        (bytes32 jobId, JobStatus memory status) = _load(job);
        if (status.state != JobState.Challenged) revert JobStateMismatch(jobId, status.state);
        if (block.timestamp <= status.dueAt) revert JobNotDue(jobId, status.dueAt);

        Challenge memory lost = _challenges[jobId];
        delete _challenges[jobId];
        _endAtFault(jobId, job, status, lost.fee, lost.challenger);
    }

    /// @inheritdoc IInferenceMarket
    function challengeOf(bytes32 jobId) external view override returns (Challenge memory) {
        return _challenges[jobId];
    }

    /// @inheritdoc IInferenceMarket
    function jobIdOf(Job calldata job) external view override returns (bytes32) {
        return job.id();
    }

    /// @inheritdoc IInferenceMarket
    function feeAt(Job calldata job, uint256 time) external view override returns (uint256) {
        return job.feeAt(PRIORITY_WINDOW, time);
    }

    /// @inheritdoc IInferenceMarket
    function drawnWorker(Job calldata job) external view override returns (uint24 workerId, uint256 until) {
        uint256 place;
        (place, until) = _draw(job.id(), job);
        workerId = WORKERS.candidateAt(job.versionId, job.level, place, job.maxPrice, JOB_STAKE);
    }

    /// @inheritdoc IInferenceMarket
    function resultDigest(
        Job calldata job,
        bytes32 outputHash,
        address worker
    ) external view override returns (bytes32) {
        return _resultDigest(job.id(), job, outputHash, worker);
    }

    /// @dev Builds the job and earmarks its highest fee.
    function _newJob(
        Request calldata req,
        RequestTerms memory facts,
        bytes32 inputHash
    ) private returns (Job memory job) {
        (uint32 length, uint32 serving) = WORKERS.candidates(req.versionId, req.level);
        if (serving == 0) revert NoWorkerServes(req.versionId, req.level);

        job.versionId = req.versionId;
        job.inputHash = inputHash;
        job.requester = msg.sender;
        job.consumer = req.callbackGas == 0 ? address(0) : msg.sender;
        job.level = req.level;
        job.callbackAt = req.callbackAt;
        job.callbackGas = req.callbackGas;
        job.minFee = req.minFee;
        job.maxFee = req.maxFee;
        job.requestedAt = uint40(block.timestamp);
        job.deadline = uint40(block.timestamp + req.timeToLive);
        job.challengeWindow = _challengeWindow(req);
        job.copies = req.copies;
        job.requestBlock = uint64(block.number);
        job.candidates = length;
        job.maxPrice = _maxPrice(req.minFee, facts);
        job.royalty = facts.royalty;
        job.outputBytes = facts.outputBytes;
        job.textOutput = facts.textOutput;
        job.nonce = _earmark(req.maxFee);
    }

    /// @dev Whose turn it is, and its stake: writes the worker and the due date.
    function _bindWorker(bytes32 jobId, Job calldata job, JobStatus memory status) private {
        (uint256 place, uint256 until) = _requireOpen(jobId, job);
        (uint24 workerId, uint24 drawn) = WORKERS.bind(
            msg.sender,
            job.versionId,
            job.level,
            place,
            job.maxPrice,
            JOB_STAKE
        );
        if (drawn != 0 && drawn != workerId) revert NotDrawn(jobId, drawn, until);
        status.workerId = workerId;
        status.dueAt = _dueIn(job.level == Level.Vanilla ? job.challengeWindow : EVIDENCE_WINDOW);
    }

    function _endAtFault(
        bytes32 jobId,
        Job calldata job,
        JobStatus memory status,
        uint256 escrow,
        address challenger
    ) private {
        status.state = JobState.Refunded;
        // An early answer that never reached the consumer needs no delivery any more.
        status.callbackOwed = false;
        _store(jobId, status);
        _refundAndSlash(jobId, job, status.workerId, escrow, challenger);
        if (status.answeredEarly) _revoke(jobId, job, status);
    }

    function _checkRequest(Request calldata req, RequestTerms memory facts, uint256 inputBytes) private view {
        if (facts.deprecated) revert VersionDeprecated(req.versionId);
        if (!facts.levels.has(req.level)) revert LevelNotAllowed(req.versionId, req.level);
        if (inputBytes != facts.inputBytes && !(facts.textInput && inputBytes < facts.inputBytes)) {
            revert InputLength(inputBytes, facts.inputBytes);
        }
        if (req.minFee < facts.royalty) revert FeeTooLow(req.minFee, facts.royalty);
        if (req.minFee > req.maxFee) revert FeesOutOfOrder(req.minFee, req.maxFee);
        if (req.timeToLive <= PRIORITY_WINDOW || req.timeToLive > MAX_TIME_TO_LIVE) {
            revert TimeToLiveOutOfRange(req.timeToLive, PRIORITY_WINDOW + 1, MAX_TIME_TO_LIVE);
        }
        if (req.copies != MAX_COPIES) revert CopiesOutOfRange(req.copies, MAX_COPIES);
        if (req.callbackGas > CALLBACK_GAS_LIMIT) revert CallbackGasTooHigh(req.callbackGas, CALLBACK_GAS_LIMIT);
    }

    function _challengeWindow(Request calldata req) private view returns (uint32) {
        if (req.level != Level.Vanilla) return 0;
        if (req.challengeWindow == 0) return MIN_CHALLENGE_WINDOW;
        if (req.challengeWindow < MIN_CHALLENGE_WINDOW || req.challengeWindow > MAX_TIME_TO_LIVE) {
            revert ChallengeWindowOutOfRange(req.challengeWindow, MIN_CHALLENGE_WINDOW, MAX_TIME_TO_LIVE);
        }
        return req.challengeWindow;
    }

    function _maxPrice(uint256 minFee, RequestTerms memory facts) private view returns (uint80) {
        uint256 earned = minFee - facts.royalty - _protocolFee(minFee, facts.royalty);
        uint256 price = earned / facts.workUnits;
        return price < type(uint80).max ? uint80(price) : type(uint80).max;
    }

    function _load(Job calldata job) private view returns (bytes32 jobId, JobStatus memory status) {
        jobId = job.id();
        status = statusOf(jobId);
    }

    /// @dev A Vanilla job with an answer that nobody challenged.
    function _loadAnswered(Job calldata job) private view returns (bytes32 jobId, JobStatus memory status) {
        (jobId, status) = _load(job);
        if (status.state != JobState.Executed || job.level != Level.Vanilla) {
            revert JobStateMismatch(jobId, status.state);
        }
    }

    /// @dev The caller's worker, if it serves and nobody else has priority.
    function _requireTurn(bytes32 jobId, Job calldata job) private view returns (uint24) {
        (uint256 place, uint256 until) = _requireOpen(jobId, job);
        (uint24 workerId, uint24 drawn) = WORKERS.turnOf(
            msg.sender,
            job.versionId,
            job.level,
            place,
            job.maxPrice,
            JOB_STAKE
        );
        if (drawn != 0 && drawn != workerId) revert NotDrawn(jobId, drawn, until);
        return workerId;
    }

    function _requireOpen(bytes32 jobId, Job calldata job) private view returns (uint256 place, uint256 until) {
        if (block.timestamp > job.deadline) revert JobTooLate(jobId, job.deadline);
        return _draw(jobId, job);
    }

    function _requireBoundInTime(bytes32 jobId, JobStatus memory status) private view {
        if (WORKERS.workerIdOf(msg.sender) != status.workerId) revert NotBoundWorker(jobId, status.workerId);
        if (block.timestamp > status.dueAt) revert JobTooLate(jobId, status.dueAt);
    }

    /// @dev The place that is drawn, or the highest number if nobody has priority, and until when it has.
    function _draw(bytes32 jobId, Job calldata job) private view returns (uint256 place, uint256 until) {
        if (block.number <= job.requestBlock) revert DrawNotReady(jobId);
        until = uint256(job.requestedAt) + PRIORITY_WINDOW;
        // The chain forgets hashes older than 256 blocks: then anyone may act.
        bytes32 seed = blockhash(job.requestBlock);
        bool isOpen = block.timestamp > until || seed == bytes32(0);
        place = isOpen ? type(uint256).max : Draw.place(seed, jobId, job.candidates);
    }

    /// @dev The fee of the bound worker, fixed when it acted, and the challenger's bond.
    function _owed(
        bytes32 jobId,
        Job calldata job,
        JobStatus memory status
    ) private view returns (uint256 fee, uint256 bond) {
        if (status.state == JobState.Challenged) return (_challenges[jobId].fee, CHALLENGE_BOND);
        uint256 window = job.level == Level.Vanilla ? job.challengeWindow : EVIDENCE_WINDOW;
        return (job.feeAt(PRIORITY_WINDOW, status.dueAt - window), 0);
    }

    function _verify(bytes32 jobId, Job calldata job, bytes calldata output, bytes calldata evidence) private view {
        VersionTerms memory facts = MODELS.terms(job.versionId);
        Statement memory statement = Statement({
            resultDigest: _resultDigest(jobId, job, keccak256(output), msg.sender),
            versionId: job.versionId,
            inputHash: job.inputHash,
            worker: msg.sender,
            verificationKey: facts.verificationKey,
            ownMeasurements: facts.ownMeasurements,
            output: output
        });
        // A challenged Vanilla answer is judged by the strongest evidence that the version has.
        bool byProof = job.level == Level.Zkml || (job.level == Level.Vanilla && facts.verificationKey != address(0));
        (byProof ? ZKML_VERIFIER : TEE_VERIFIER).verify(statement, evidence);
    }

    function _resultDigest(
        bytes32 jobId,
        Job calldata job,
        bytes32 outputHash,
        address worker
    ) private view returns (bytes32) {
        return
            _hashTypedDataV4(
                keccak256(
                    abi.encode(RESULT_TYPEHASH, jobId, job.versionId, job.inputHash, outputHash, worker, job.deadline)
                )
            );
    }

    function _dueIn(uint32 window) private view returns (uint32) {
        return uint32(block.timestamp + window);
    }
}
