// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IJobs} from "../interfaces/IJobs.sol";
import {Job, JobLibrary, Request} from "../types/Job.sol";
import {JobStatusLibrary} from "../types/JobStatus.sol";
import {Level} from "../types/Level.sol";
import {RequestTerms} from "../types/Version.sol";
import {Money} from "./Money.sol";

/// @title From a request to a job
abstract contract Requests is Money {
    uint256 internal constant MAX_COPIES = 7;

    /// @notice Opens a job that `payer` pays.
    /// @param consumer Who is called back, if the request asks for that.
    /// @param added Money to credit to the payer first.
    function _open(
        Request calldata req,
        bytes calldata input,
        address payer,
        address consumer,
        uint256 added
    ) internal returns (bytes32 jobId) {
        (bool isPaused, uint256 feeBasisPoints) = (_paused, _feeBasisPoints);
        if (isPaused) revert IJobs.RequestsPaused();
        RequestTerms memory facts = MODELS.requestTerms(req.versionId);
        _checkRequest(req, facts, input.length);
        (uint32 candidates, uint32 serving) = WORKERS.candidates(req.versionId, req.level);
        if (serving < req.copies) revert IJobs.TooFewWorkers(req.versionId, req.level, serving, req.copies);

        Job memory job;
        job.versionId = req.versionId;
        job.inputHash = keccak256(input);
        job.requesterAndMinFee = JobLibrary.packParty(payer, req.minFee);
        job.consumerAndMaxFee = JobLibrary.packParty(req.callbackGas == 0 ? address(0) : consumer, req.maxFee);
        job.drawTerms = JobLibrary.packDrawTerms(
            facts.royalty,
            _maxPrice(req, facts, feeBasisPoints),
            uint48(block.number),
            candidates
        );
        job.schedule =
            JobLibrary.packTimes(uint40(block.timestamp), req.timeToLive, _challengeWindow(req), req.callbackGas) |
            (uint256(facts.outputBytes) << 88) |
            (uint256(_earmark(payer, req.maxFee, added)) << 24) |
            (feeBasisPoints << 8) |
            JobLibrary.packKind(req.level, req.copies, req.callbackAt, facts.textOutput);
        jobId = job.idInMemory();
        _statuses[jobId] = JobStatusLibrary.packRequested(uint32(block.timestamp + req.timeToLive));
        emit IJobs.JobRequested(jobId, req.versionId, payer, job, input);
    }

    function _checkRequest(Request calldata req, RequestTerms memory facts, uint256 inputBytes) private view {
        if (facts.deprecated) revert IJobs.VersionDeprecated(req.versionId);
        if (!facts.levels.has(req.level)) revert IJobs.LevelNotAllowed(req.versionId, req.level);
        if (inputBytes != facts.inputBytes && !(facts.textInput && inputBytes < facts.inputBytes)) {
            revert IJobs.InputLength(inputBytes, facts.inputBytes);
        }
        if (req.minFee < facts.royalty) revert IJobs.FeeTooLow(req.minFee, facts.royalty);
        if (req.minFee > req.maxFee) revert IJobs.FeesOutOfOrder(req.minFee, req.maxFee);
        uint256 priority = _priority();
        if (req.timeToLive <= priority || req.timeToLive > MAX_TIME_TO_LIVE) {
            revert IJobs.TimeToLiveOutOfRange(req.timeToLive, priority + 1, MAX_TIME_TO_LIVE);
        }
        uint256 maxCopies = req.level == Level.Vanilla ? MAX_COPIES : 1;
        if (req.copies == 0 || req.copies > maxCopies) revert IJobs.CopiesOutOfRange(req.copies, maxCopies);
        if (req.callbackGas > CALLBACK_GAS_LIMIT) {
            revert IJobs.CallbackGasTooHigh(req.callbackGas, CALLBACK_GAS_LIMIT);
        }
    }

    function _challengeWindow(Request calldata req) private view returns (uint32) {
        if (req.level != Level.Vanilla) return 0;
        if (req.challengeWindow == 0) return MIN_CHALLENGE_WINDOW;
        if (req.challengeWindow < MIN_CHALLENGE_WINDOW || req.challengeWindow > MAX_CHALLENGE_WINDOW) {
            revert IJobs.ChallengeWindowOutOfRange(req.challengeWindow, MIN_CHALLENGE_WINDOW, MAX_CHALLENGE_WINDOW);
        }
        return req.challengeWindow;
    }

    /// @dev So that the least fee covers what the protocol and the model's owner get, too.
    function _maxPrice(
        Request calldata req,
        RequestTerms memory facts,
        uint256 feeBasisPoints
    ) private pure returns (uint80) {
        uint256 others = facts.royalty + _protocolFee(req.minFee, facts.royalty, feeBasisPoints);
        uint256 price = (req.minFee - others) / (uint256(facts.workUnits) * req.copies);
        return price < type(uint80).max ? uint80(price) : type(uint80).max;
    }
}
