// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {IInferenceConsumer} from "../interfaces/IInferenceConsumer.sol";
import {IInferenceMarket} from "../interfaces/IInferenceMarket.sol";
import {Callback} from "../libraries/Callback.sol";
import {CallbackAt, Job, JobState, JobStatus, JobStatusLibrary} from "../types/Job.sol";

/// @title Calls to consumers
/// @notice They come last in every transaction, when state and money are settled, and cannot change either. A failed
/// one is noted, and anyone may repeat it.
abstract contract Delivery is IInferenceMarket, ReentrancyGuardTransient {
    mapping(bytes32 jobId => uint256 packed) private _statuses;

    /// @inheritdoc IInferenceMarket
    function retryCallback(Job calldata job, bytes calldata output) external override nonReentrant {
        bytes32 jobId = job.id();
        JobStatus memory status = statusOf(jobId);
        if (!status.callbackOwed) revert NoCallbackOwed(jobId);

        if (status.state == JobState.Refunded) {
            status.callbackOwed = false;
            _store(jobId, status);
            _revoke(jobId, job, status);
            return;
        }
        if (!status.keeps(output)) revert OutputMismatch(jobId);
        _deliver(jobId, job, status, output);
    }

    /// @inheritdoc IInferenceMarket
    function statusOf(bytes32 jobId) public view override returns (JobStatus memory) {
        return JobStatusLibrary.unpack(_statuses[jobId]);
    }

    function _store(bytes32 jobId, JobStatus memory status) internal {
        _statuses[jobId] = status.pack();
    }

    /// @notice Gives the answer to the consumer, final if the job is settled. Writes `status`.
    function _deliver(bytes32 jobId, Job calldata job, JobStatus memory status, bytes calldata output) internal {
        bool isFinal = status.state == JobState.Settled;
        status.callbackOwed = false;
        status.answeredEarly = !isFinal;
        _store(jobId, status);

        if (_call(jobId, job, abi.encodeCall(IInferenceConsumer.onInference, (jobId, output, isFinal)))) return;
        // The consumer does not have the answer, so there is nothing to revoke.
        status.answeredEarly = false;
        status.callbackOwed = true;
        _store(jobId, status);
    }

    /// @notice Tells the consumer that an answer which it was given does not count. Writes `status` if that fails.
    function _revoke(bytes32 jobId, Job calldata job, JobStatus memory status) internal {
        if (_call(jobId, job, abi.encodeCall(IInferenceConsumer.onRevocation, (jobId)))) return;
        status.callbackOwed = true;
        _store(jobId, status);
    }

    /// @notice Whether settling the job calls its consumer: not if an earlier call was made, be it only in vain.
    function _isDueAtSettlement(Job calldata job, JobStatus memory status) internal pure returns (bool) {
        return job.consumer != address(0) && !status.answeredEarly && !status.callbackOwed;
    }

    function _isDueAtExecution(Job calldata job) internal pure returns (bool) {
        return job.consumer != address(0) && job.callbackAt == CallbackAt.Executed;
    }

    function _call(bytes32 jobId, Job calldata job, bytes memory data) private returns (bool delivered) {
        bytes memory reason;
        (delivered, reason) = Callback.tryCall(job.consumer, job.callbackGas, data);
        if (delivered) emit CallbackDelivered(jobId);
        else emit CallbackFailed(jobId, reason);
    }
}
