// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAccounts} from "./interfaces/IAccounts.sol";
import {IJobs} from "./interfaces/IJobs.sol";
import {IMarketPart} from "./interfaces/IMarketPart.sol";
import {MarketParameters} from "./interfaces/ISettings.sol";
import {Batches} from "./market/Batches.sol";
import {Extended} from "./market/Extended.sol";
import {MarketBase, MarketParts} from "./market/MarketBase.sol";
import {Requests} from "./market/Requests.sol";
import {Job, Request} from "./types/Job.sol";
import {JobStatus} from "./types/JobStatus.sol";

/// @title The life of a job
/// @notice Every step reads: load the job, check whose turn it is, check the evidence, write the status, move the
/// money, call the consumer. What is called seldom is in `MarketAccounts`, `MarketDisputes` and `MarketRounds`, which
/// work on this contract's storage; see `IInferenceMarket` for all that can be called here.
contract InferenceMarket is Requests, Batches, Extended {
    constructor(
        MarketParameters memory chosen,
        MarketParts memory parts,
        IMarketPart next
    ) MarketBase(chosen, parts) Extended(next, "MarketAccounts", chosen, parts) {}

    /// @notice Slashed stake comes from the registry of workers, and nothing else comes this way.
    receive() external payable override {
        if (msg.sender != address(WORKERS)) revert IAccounts.TransferUnexpected(msg.sender, msg.value);
    }

    /// @inheritdoc IJobs
    function request(Request calldata req, bytes calldata input) external payable override returns (bytes32 jobId) {
        return _open(req, input, msg.sender, msg.sender, _valueSent());
    }

    /// @inheritdoc IJobs
    function execute(Job calldata job, bytes calldata output) external override {
        _execute(job, output, msg.sender);
    }

    /// @inheritdoc IJobs
    function fulfill(Job calldata job, bytes calldata output, bytes calldata evidence) external override {
        if (job.copies() > 1) _extend();
        _fulfill(job, output, evidence, msg.sender, false);
    }

    /// @inheritdoc IJobs
    function settle(Job calldata job, bytes calldata output) external override {
        if (job.copies() > 1) _extend();
        _settle(job, output);
    }

    /// @inheritdoc IJobs
    function jobIdOf(Job calldata job) external view override returns (bytes32) {
        return job.id();
    }

    /// @inheritdoc IJobs
    function statusOf(bytes32 jobId) external view override returns (JobStatus memory status) {
        status.unpack(_statuses[jobId]);
    }

    /// @inheritdoc IJobs
    function resultDigest(
        Job calldata job,
        bytes32 outputHash,
        address worker
    ) external view override returns (bytes32) {
        return _resultDigest(job.id(), job.versionId, job.inputHash, outputHash, worker, job.deadline());
    }
}
