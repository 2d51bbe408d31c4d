// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IJobs} from "../interfaces/IJobs.sol";
import {IRounds} from "../interfaces/IRounds.sol";
import {Turn} from "../interfaces/IWorkerRegistry.sol";
import {Job} from "../types/Job.sol";
import {Challenge, JobState, JobStatus} from "../types/JobStatus.sol";
import {Round, RoundPhase, Seat} from "../types/Round.sol";
import {Rounds} from "./Rounds.sol";

/// @title Jobs that several workers answer
/// @notice Their round has the job's id. After the tally, all seats that hold stake answered what the majority did; if
/// there was none, they hold it until one of them shows evidence.
abstract contract Copies is IRounds, Rounds {
    /// @inheritdoc IRounds
    function commit(Job calldata job, bytes32 commitment) external override nonReentrant {
        (bytes32 jobId, JobStatus memory status) = _load(job);
        if (job.copies() == 1) revert NotCopies(jobId);
        Round memory round = _rounds[jobId];
        if (status.state == JobState.Requested) {
            round.phase = RoundPhase.Committing;
            round.seats = job.copies();
            round.dueAt = status.dueAt;
            status.state = JobState.Copying;
            _store(jobId, status);
        } else if (status.state != JobState.Copying) {
            revert IJobs.JobStateMismatch(jobId, status.state);
        } else if (round.phase != RoundPhase.Committing) {
            revert RoundPhaseMismatch(jobId, round.phase);
        }

        (uint24 workerId, uint256 free) = _takeCopy(jobId, job);
        // The last seat fixes the fee.
        if (round.commits + 1 == round.seats) round.fee = uint96(_charge(job));
        _takeSeat(jobId, round, workerId, free, commitment);
    }

    /// @inheritdoc IRounds
    function openReveals(Job calldata job) external override nonReentrant {
        (bytes32 jobId, , Round memory round) = _loadCopying(job, RoundPhase.Committing);
        if (block.timestamp <= round.dueAt) revert RoundNotOver(jobId, round.dueAt);
        if (round.commits < round.quorum()) revert TooFewCommitments(jobId, round.commits, round.quorum());

        // At the deadline the fee has reached its highest.
        round.fee = job.maxFee();
        _beginReveals(jobId, round);
        _rounds[jobId] = round;
    }

    /// @inheritdoc IRounds
    function reveal(Job calldata job, bytes calldata output, bytes32 salt) external override nonReentrant {
        bytes32 jobId = job.id();
        if (!job.fits(output.length)) revert IJobs.OutputLength(output.length, job.outputBytes());
        bytes32 outputHash = keccak256(output);
        uint24 workerId = _revealSeat(jobId, outputHash, salt);
        emit Revealed(jobId, workerId, outputHash, output);
    }

    /// @inheritdoc IRounds
    function tally(Job calldata job, bytes calldata output) external override nonReentrant {
        (bytes32 jobId, JobStatus memory status, Round memory round) = _loadCopying(job, RoundPhase.Revealing);
        if (!_isOver(round)) revert RoundNotOver(jobId, round.dueAt);

        (bytes28 best, uint256 votes) = _mostFrequent(jobId, round);
        _close(jobId);
        if (votes < round.quorum()) return _disagree(jobId, job, status, round);

        status.state = JobState.Executed;
        status.keepOutput(bytes32(best));
        status.dueAt = _dueIn(job.challengeWindow());
        bool callsBack = _isDueAtExecution(job);
        if (callsBack && !status.keeps(keccak256(output))) revert IJobs.OutputMismatch(jobId);
        _store(jobId, status);
        emit CopiesAgreed(jobId, best, votes, status.dueAt);
        _share(_slashSeats(jobId, round, best), job.requester(), address(0));
        if (callsBack) _deliver(jobId, job, status, output);
    }

    /// @notice As in `IJobs`, for a job with several copies: by a worker whose answer is still held to its stake.
    function fulfill(Job calldata job, bytes calldata output, bytes calldata evidence) external nonReentrant {
        (bytes32 jobId, JobStatus memory status) = _load(job);
        if (status.state != JobState.Challenged) revert IJobs.JobStateMismatch(jobId, status.state);
        if (block.timestamp > status.dueAt) revert IJobs.JobTooLate(jobId, status.dueAt);
        Round memory round = _rounds[jobId];
        bytes32 outputHash = keccak256(output);
        (, Seat memory seat) = _seatOfWorker(jobId, round, WORKERS.workerIdOf(msg.sender));
        if (!seat.answered(bytes28(outputHash))) revert IJobs.OutputMismatch(jobId);
        _verify(jobId, job, output, evidence, msg.sender);

        uint256 bond = _challenges[jobId].challenger == address(0) ? 0 : CHALLENGE_BOND;
        delete _challenges[jobId];
        status.state = JobState.Settled;
        status.keepOutput(outputHash);
        _store(jobId, status);
        emit IJobs.JobFulfilled(jobId, seat.workerId, output);
        _payCopies(jobId, job, round, seat.kept, bond);
        if (_isDueAtSettlement(job, status)) _deliver(jobId, job, status, output);
    }

    /// @notice As in `IJobs`, for a job with several copies.
    function settle(Job calldata job, bytes calldata output) external nonReentrant {
        (bytes32 jobId, JobStatus memory status) = _load(job);
        if (status.state != JobState.Executed) revert IJobs.JobStateMismatch(jobId, status.state);
        if (block.timestamp <= status.dueAt) revert IJobs.JobNotDue(jobId, status.dueAt);
        bool callsBack = _isDueAtSettlement(job, status);
        if (callsBack && !status.keeps(keccak256(output))) revert IJobs.OutputMismatch(jobId);

        status.state = JobState.Settled;
        _store(jobId, status);
        Round memory round = _rounds[jobId];
        (bytes28 best, ) = _mostFrequent(jobId, round);
        _payCopies(jobId, job, round, best, 0);
        if (callsBack) _deliver(jobId, job, status, output);
    }

    /// @dev Nobody can say who is wrong before evidence does. Where none is possible, the requester is refunded.
    function _disagree(bytes32 jobId, Job calldata job, JobStatus memory status, Round memory round) private {
        uint256 taken = _slashSilent(jobId, round);
        _share(taken, job.requester(), address(0));
        if (round.reveals != 0 && MODELS.terms(job.versionId).levels.hasEvidence()) {
            _challenges[jobId] = Challenge(address(0), round.fee);
            status.state = JobState.Challenged;
            status.dueAt = _dueIn(EVIDENCE_WINDOW);
            _store(jobId, status);
            emit CopiesDisagreed(jobId, status.dueAt);
            return;
        }
        status.state = JobState.Refunded;
        _store(jobId, status);
        _releaseSeats(jobId, round);
        _credit(job.requester(), round.fee);
        emit IJobs.JobRefunded(jobId, 0, round.fee, taken);
    }

    /// @dev The worker of the caller, which serves; in the priority windows one of as many drawn ones as there are
    /// copies, unless fewer are found.
    function _takeCopy(bytes32 jobId, Job calldata job) private view returns (uint24 workerId, uint256 free) {
        Window memory window = _openWindow(jobId, job);
        Turn memory turn = WORKERS.turnOf(msg.sender, job.versionId, job.level(), NO_PLACE);
        (workerId, free) = (turn.workerId, turn.free);
        if (window.rank >= PRIORITY_WINDOWS) return (workerId, free);

        uint256 copies = job.copies();
        Ballot memory ballot = Ballot({
            seed: window.seed,
            question: jobId,
            versionId: job.versionId,
            level: job.level(),
            candidates: job.candidates(),
            maxPrice: job.maxPrice()
        });
        (uint24[] memory ids, uint256 found) = _firstDrawn(ballot, copies);
        uint256 until = uint256(job.requestedAt()) + PRIORITY_WINDOWS * PRIORITY_WINDOW;
        if (found == copies && !_holds(ids, found, workerId)) revert IJobs.NotDrawn(jobId, ids[0], until);
    }

    function _loadCopying(
        Job calldata job,
        RoundPhase needed
    ) private view returns (bytes32 jobId, JobStatus memory status, Round memory round) {
        (jobId, status) = _load(job);
        if (status.state != JobState.Copying) revert IJobs.JobStateMismatch(jobId, status.state);
        round = _rounds[jobId];
        if (round.phase != needed) revert RoundPhaseMismatch(jobId, round.phase);
    }
}
