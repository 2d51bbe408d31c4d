// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IJobs} from "../interfaces/IJobs.sol";
import {IRounds} from "../interfaces/IRounds.sol";
import {Job} from "../types/Job.sol";
import {JobStatus} from "../types/JobStatus.sol";
import {Level} from "../types/Level.sol";
import {Round, RoundPhase, Seat} from "../types/Round.sol";
import {Outcomes} from "./Outcomes.sol";

/// @title Panels: other workers judge a challenged answer for which no evidence exists
/// @notice Members are drawn from the workers that serve the version and have no part in the job, with a hash that was
/// unknown at the challenge. In the first half of the window the first three drawn may sit, in the second half six.
/// Nobody else ever: whoever wants a verdict must own what is drawn. While nobody sits, the draw is made anew every 200
/// blocks, because chains forget hashes; the first that sits ends that.
abstract contract Panels is IRounds, Outcomes {
    /// @dev Fewer than the 256 blocks whose hashes a chain remembers.
    uint256 private constant REDRAW_BLOCKS = 200;

    /// @inheritdoc IRounds
    function commitVerdict(Job calldata job, bytes32 commitment) external override nonReentrant {
        (bytes32 jobId, JobStatus memory status) = _load(job);
        bytes32 panelId = _panelId(jobId);
        Round memory round = _rounds[panelId];
        if (round.phase != RoundPhase.Committing) revert RoundPhaseMismatch(panelId, round.phase);
        if (block.timestamp > round.dueAt) revert RoundOver(panelId, round.dueAt);
        (uint24 workerId, uint80 free, , , ) = WORKERS.turnOf(msg.sender, job.versionId, Level.Vanilla, NO_PLACE);
        _requireNoSeat(panelId, round, workerId);
        bytes32 seed = _panelSeed(panelId, round);
        uint24[] memory drawn = _drawPanel(jobId, job, status, panelId, round, seed);
        if (!_holds(drawn, workerId)) revert NotDrawnForPanel(panelId, workerId);

        if (round.commits == 0) _panelSeeds[panelId] = seed;
        _takeSeat(panelId, round, workerId, free, commitment);
    }

    /// @inheritdoc IRounds
    function revealVerdict(Job calldata job, bytes32 outputHash, bytes32 salt) external override nonReentrant {
        bytes32 panelId = _panelId(job.id());
        uint24 workerId = _revealSeat(panelId, outputHash, salt);
        emit Revealed(panelId, workerId, outputHash, "");
    }

    /// @inheritdoc IRounds
    function panelDraw(Job calldata job) external view override returns (uint24[] memory workerIds) {
        (bytes32 jobId, JobStatus memory status) = _load(job);
        bytes32 panelId = _panelId(jobId);
        Round memory round = _rounds[panelId];
        if (round.phase != RoundPhase.Committing || block.timestamp > round.dueAt) return new uint24[](0);
        return _drawPanel(jobId, job, status, panelId, round, _panelSeed(panelId, round));
    }

    /// @inheritdoc IRounds
    function roundOf(bytes32 roundId) external view override returns (Round memory) {
        return _rounds[roundId];
    }

    /// @inheritdoc IRounds
    function seatOf(bytes32 roundId, uint256 seat) external view override returns (Seat memory) {
        return _seat(roundId, seat);
    }

    /// @inheritdoc IRounds
    function panelIdOf(bytes32 jobId) external pure override returns (bytes32) {
        return _panelId(jobId);
    }

    /// @dev The first commitment keeps it.
    function _panelSeed(bytes32 panelId, Round memory round) private view returns (bytes32) {
        if (round.commits != 0) return _panelSeeds[panelId];
        uint256 seedBlock = round.seedBlock;
        if (block.number <= seedBlock) revert IJobs.DrawNotReady(panelId);
        uint256 last = block.number - 1;
        return blockhash(last - ((last - seedBlock) % REDRAW_BLOCKS));
    }

    /// @dev Those who may sit now and do not yet: in the second half of the window twice as many as there are seats.
    function _drawPanel(
        bytes32 jobId,
        Job calldata job,
        JobStatus memory status,
        bytes32 panelId,
        Round memory round,
        bytes32 seed
    ) private view returns (uint24[] memory) {
        bool isLate = block.timestamp + EVIDENCE_WINDOW / 2 > round.dueAt;
        uint256 wanted = isLate ? 2 * PANEL_SEATS : PANEL_SEATS;
        Ballot memory ballot = Ballot({
            seed: seed,
            question: panelId,
            versionId: job.versionId,
            level: Level.Vanilla,
            candidates: round.candidates,
            maxPrice: type(uint256).max,
            barred: _barred(jobId, job, status, panelId, round.commits)
        });
        return _firstDrawn(ballot, wanted - round.commits);
    }

    /// @dev Who answered in the job, and who sits already.
    function _barred(
        bytes32 jobId,
        Job calldata job,
        JobStatus memory status,
        bytes32 panelId,
        uint256 commits
    ) private view returns (uint24[] memory ids) {
        uint256 answered = _answered(jobId, job);
        ids = new uint24[](answered + commits);
        if (job.copies() == 1) ids[0] = status.workerId;
        else _putSeated(jobId, answered, ids, 0);
        _putSeated(panelId, commits, ids, answered);
    }
}
