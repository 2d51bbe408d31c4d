// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IJobs} from "../interfaces/IJobs.sol";
import {Job, JobDescription, JobLibrary, Request} from "../types/Job.sol";
import {JobState, JobStatus} from "../types/JobStatus.sol";
import {Level} from "../types/Level.sol";
import {RequestTerms} from "../types/Version.sol";
import {Delivery} from "./Delivery.sol";
import {Money} from "./Money.sol";

/// @title From a request to a job
abstract contract Requests is Money, Delivery {
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
        if (_paused) revert IJobs.RequestsPaused();
        RequestTerms memory facts = MODELS.requestTerms(req.versionId);
        _checkRequest(req, facts, input.length);

        Job memory job = _newJob(req, facts, keccak256(input), payer, consumer, added);
        jobId = job.idInMemory();
        JobStatus memory status;
        status.state = JobState.Requested;
        status.dueAt = uint32(block.timestamp + req.timeToLive);
        _store(jobId, status);
        emit IJobs.JobRequested(jobId, req.versionId, payer, job, input);
    }

    /// @dev Builds the job and earmarks its highest fee.
    function _newJob(
        Request calldata req,
        RequestTerms memory facts,
        bytes32 inputHash,
        address payer,
        address consumer,
        uint256 added
    ) private returns (Job memory) {
        (uint32 length, uint32 serving) = WORKERS.candidates(req.versionId, req.level);
        if (serving < req.copies) revert IJobs.TooFewWorkers(req.versionId, req.level, serving, req.copies);

        return
            JobLibrary.pack(
                JobDescription({
                    versionId: req.versionId,
                    inputHash: inputHash,
                    requester: payer,
                    consumer: req.callbackGas == 0 ? address(0) : consumer,
                    level: req.level,
                    callbackAt: req.callbackAt,
                    callbackGas: req.callbackGas,
                    minFee: req.minFee,
                    maxFee: req.maxFee,
                    requestedAt: uint40(block.timestamp),
                    deadline: uint40(block.timestamp + req.timeToLive),
                    challengeWindow: _challengeWindow(req),
                    copies: req.copies,
                    requestBlock: uint48(block.number),
                    candidates: length,
                    maxPrice: _maxPrice(req, facts),
                    royalty: facts.royalty,
                    outputBytes: facts.outputBytes,
                    textOutput: facts.textOutput,
                    nonce: _earmark(payer, req.maxFee, added)
                })
            );
    }

    function _checkRequest(Request calldata req, RequestTerms memory facts, uint256 inputBytes) private view {
        if (facts.deprecated) revert IJobs.VersionDeprecated(req.versionId);
        if (!facts.levels.has(req.level)) revert IJobs.LevelNotAllowed(req.versionId, req.level);
        if (inputBytes != facts.inputBytes && !(facts.textInput && inputBytes < facts.inputBytes)) {
            revert IJobs.InputLength(inputBytes, facts.inputBytes);
        }
        if (req.minFee < facts.royalty) revert IJobs.FeeTooLow(req.minFee, facts.royalty);
        if (req.minFee > req.maxFee) revert IJobs.FeesOutOfOrder(req.minFee, req.maxFee);
        uint256 priority = PRIORITY_WINDOWS * PRIORITY_WINDOW;
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
    function _maxPrice(Request calldata req, RequestTerms memory facts) private view returns (uint80) {
        uint256 others = facts.royalty + _protocolFee(req.minFee, facts.royalty);
        uint256 price = (req.minFee - others) / (uint256(facts.workUnits) * req.copies);
        return price < type(uint80).max ? uint80(price) : type(uint80).max;
    }
}
