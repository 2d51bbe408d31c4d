// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Blockhash} from "@openzeppelin/contracts/utils/Blockhash.sol";

import {IJobs} from "../interfaces/IJobs.sol";
import {IRounds} from "../interfaces/IRounds.sol";
import {Turn} from "../interfaces/IWorkerRegistry.sol";
import {Job} from "../types/Job.sol";
import {JobStatus} from "../types/JobStatus.sol";
import {Level} from "../types/Level.sol";
import {Round, RoundPhase, Seat} from "../types/Round.sol";
import {Rounds} from "./Rounds.sol";

/// @title Panels: other workers judge a challenged answer for which no evidence exists
/// @notice Members are drawn from the workers that serve the version and have no part in the job, with a hash that was
/// unknown at the challenge. In the first half of the window the first three drawn may sit, in the second half six.
/// Nobody else ever: whoever wants a verdict must own what is drawn.
abstract contract Panels is IRounds, Rounds {
    /// @inheritdoc IRounds
    function commitVerdict(Job calldata job, bytes32 commitment) external override nonReentrant {
        (bytes32 jobId, JobStatus memory status) = _load(job);
        bytes32 panelId = _panelId(jobId);
        Round memory round = _rounds[panelId];
        if (round.phase != RoundPhase.Committing) revert RoundPhaseMismatch(panelId, round.phase);
        if (block.timestamp > round.dueAt) revert RoundOver(panelId, round.dueAt);
        Turn memory turn = WORKERS.turnOf(msg.sender, job.versionId, Level.Vanilla, NO_PLACE);
        bytes32 seed = _panelSeed(panelId, round);
        (uint24[] memory drawn, uint256 found) = _drawPanel(jobId, job, status, panelId, round, seed);
        if (!_holds(drawn, found, turn.workerId)) revert NotDrawnForPanel(panelId, turn.workerId);

        _panelSeeds[panelId] = seed;
        _takeSeat(panelId, round, turn.workerId, turn.free, commitment);
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
        if (round.phase != RoundPhase.Committing) return new uint24[](0);
        (uint24[] memory drawn, uint256 found) = _drawPanel(
            jobId,
            job,
            status,
            panelId,
            round,
            _panelSeed(panelId, round)
        );
        workerIds = new uint24[](found);
        for (uint256 i = 0; i < found; ++i) workerIds[i] = drawn[i];
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

    function _panelSeed(bytes32 panelId, Round memory round) private view returns (bytes32 seed) {
        seed = _panelSeeds[panelId];
        if (seed == 0) seed = Blockhash.blockHash(round.seedBlock);
        if (seed == 0) revert IJobs.DrawNotReady(panelId);
    }

    /// @dev Those who may sit now: in the second half of the window twice as many as there are seats.
    function _drawPanel(
        bytes32 jobId,
        Job calldata job,
        JobStatus memory status,
        bytes32 panelId,
        Round memory round,
        bytes32 seed
    ) private view returns (uint24[] memory allowed, uint256 found) {
        bool isLate = block.timestamp + EVIDENCE_WINDOW / 2 > round.dueAt;
        uint256 wanted = isLate ? 2 * PANEL_SEATS : PANEL_SEATS;
        uint256 answering = job.copies();
        Ballot memory ballot = Ballot({
            seed: seed,
            question: panelId,
            versionId: job.versionId,
            level: Level.Vanilla,
            candidates: round.candidates,
            maxPrice: type(uint256).max
        });
        (uint24[] memory drawn, uint256 length) = _firstDrawn(ballot, wanted + answering);
        allowed = new uint24[](wanted);
        for (uint256 i = 0; i < length && found < wanted; ++i) {
            if (!_hasPart(jobId, status, answering, drawn[i])) allowed[found++] = drawn[i];
        }
    }

    function _hasPart(
        bytes32 jobId,
        JobStatus memory status,
        uint256 copies,
        uint24 workerId
    ) private view returns (bool) {
        if (copies == 1) return status.workerId == workerId;
        for (uint256 i = 0; i < copies; ++i) if (_seat(jobId, i).workerId == workerId) return true;
        return false;
    }
}
