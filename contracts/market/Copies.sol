// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IJobs} from "../interfaces/IJobs.sol";
import {IRounds} from "../interfaces/IRounds.sol";
import {Job} from "../types/Job.sol";
import {Challenge, JobState, JobStatus} from "../types/JobStatus.sol";
import {Round, RoundPhase, Seat} from "../types/Round.sol";
import {Outcomes} from "./Outcomes.sol";

/// @title Jobs that several workers answer
/// @notice Their round has the job's id. Who did not reveal loses its stake at the tally. All others hold it until the
/// job ends, because a minority may be right: it challenges and shows evidence.
abstract contract Copies is IRounds, Outcomes {
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

        (uint24 workerId, uint256 free) = _requireTurn(jobId, job, round);
        // The last seat fixes the fee.
        if (round.commits + 1 == round.seats) round.fee = uint96(_charge(job));
        _takeSeat(jobId, round, workerId, free, commitment);
    }

    /// @inheritdoc IRounds
    function openReveals(Job calldata job) external override nonReentrant {
        (bytes32 jobId, , Round memory round) = _loadCopying(job, RoundPhase.Committing);
        if (block.timestamp <= round.dueAt) revert RoundNotOver(jobId, round.dueAt);
        if (round.commits < round.quorum()) revert TooFewCommitments(jobId, round.commits, round.quorum());

        // At the deadline the fee has reached its highest; seats that nobody took are not paid.
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

        _close(jobId);
        uint256 taken = _slashSilent(jobId, round);
        _share(taken, job.requester(), address(0));
        (bytes28 best, uint256 votes) = _mostFrequent(jobId, round);
        if (votes < round.quorum()) return _disagree(jobId, job, status, round, votes, taken);

        status.state = JobState.Executed;
        status.keepOutput(bytes32(best));
        status.dueAt = _dueIn(job.challengeWindow());
        bool callsBack = _isDueAtExecution(job);
        if (callsBack && !status.keeps(keccak256(output))) revert IJobs.OutputMismatch(jobId);
        _store(jobId, status);
        emit CopiesAgreed(jobId, best, votes, status.dueAt);
        if (callsBack) _deliver(jobId, job, status, output);
    }

    /// @notice As in `IJobs`, for a job with several copies: by any worker that revealed this output. Its operator gets
    /// the bond of a challenge in vain, and unless a challenger was right a quarter of what the others lose.
    function fulfill(Job calldata job, bytes calldata output, bytes calldata evidence) external nonReentrant {
        (bytes32 jobId, JobStatus memory status) = _load(job);
        if (status.state != JobState.Challenged) revert IJobs.JobStateMismatch(jobId, status.state);
        if (block.timestamp > status.dueAt) revert IJobs.JobTooLate(jobId, status.dueAt);
        bytes32 outputHash = keccak256(output);
        (, Seat memory seat) = _seatOfWorker(jobId, _rounds[jobId], WORKERS.workerIdOf(msg.sender));
        if (!seat.answered(bytes28(outputHash))) revert IJobs.OutputMismatch(jobId);
        _verify(jobId, job, output, evidence, msg.sender);

        address challenger = _challenges[jobId].challenger;
        delete _challenges[jobId];
        bool callsBack = _isCallDue(job, status, outputHash);
        address winner =
            challenger == address(0) || status.keeps(outputHash) ? WORKERS.operatorOf(seat.workerId) : challenger;
        status.state = JobState.Settled;
        status.keepOutput(outputHash);
        _store(jobId, status);
        emit IJobs.JobFulfilled(jobId, seat.workerId, output);
        if (challenger != address(0)) _credit(winner, CHALLENGE_BOND);
        _share(_settleCopies(jobId, job, seat.kept, 0), job.requester(), winner);
        if (callsBack) _deliver(jobId, job, status, output);
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
        (bytes28 best, ) = _mostFrequent(jobId, _rounds[jobId]);
        _share(_settleCopies(jobId, job, best, 0), job.requester(), address(0));
        if (callsBack) _deliver(jobId, job, status, output);
    }

    /// @dev Nobody can say who is wrong before evidence or a panel does. If neither can, or if all that revealed say the
    /// same, nobody who revealed is at fault: the requester is refunded.
    function _disagree(
        bytes32 jobId,
        Job calldata job,
        JobStatus memory status,
        Round memory round,
        uint256 mostVotes,
        uint256 taken
    ) private {
        bool contradicts = mostVotes < round.reveals;
        bool hasEvidence = contradicts && MODELS.terms(job.versionId).levels.hasEvidence();
        if (hasEvidence || (contradicts && _othersServing(jobId, job) >= PANEL_SEATS)) {
            _challenges[jobId] = Challenge(address(0), round.fee);
            status.state = JobState.Challenged;
            status.dueAt = hasEvidence ? _dueIn(EVIDENCE_WINDOW) : _callPanel(jobId, job);
            _store(jobId, status);
            emit CopiesDisagreed(jobId, status.dueAt);
            return;
        }
        _refund(jobId, status);
        _releaseRest(jobId, round);
        _credit(job.requester(), round.fee);
        emit IJobs.JobRefunded(jobId, 0, round.fee, taken);
    }

    /// @dev The worker of the caller, which serves and has no seat; in the priority windows one of as many drawn ones as
    /// seats are left. Seats for which too few are found are left to anybody.
    function _requireTurn(
        bytes32 jobId,
        Job calldata job,
        Round memory round
    ) private view returns (uint24 workerId, uint256 free) {
        Window memory window = _openWindow(jobId, job);
        (workerId, free, , , ) = WORKERS.turnOf(msg.sender, job.versionId, job.level(), NO_PLACE);
        _requireNoSeat(jobId, round, workerId);
        if (window.rank >= PRIORITY_WINDOWS) return (workerId, free);

        uint24[] memory seated = new uint24[](round.commits);
        _putSeated(jobId, round.commits, seated, 0);
        Ballot memory ballot = Ballot({
            seed: window.seed,
            question: jobId,
            versionId: job.versionId,
            level: job.level(),
            candidates: job.candidates(),
            maxPrice: job.maxPrice(),
            barred: seated
        });
        uint256 left = round.seats - round.commits;
        uint24[] memory drawn = _firstDrawn(ballot, left);
        uint256 until = uint256(job.requestedAt()) + _priority();
        if (drawn.length == left && !_holds(drawn, workerId)) revert IJobs.NotDrawn(jobId, drawn[0], until);
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
