// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IInferenceConsumer} from "../interfaces/IInferenceConsumer.sol";
import {IJobs} from "../interfaces/IJobs.sol";
import {Callback} from "../libraries/Callback.sol";
import {CallbackAt, Job} from "../types/Job.sol";
import {JobState, JobStatus} from "../types/JobStatus.sol";
import {MarketBase} from "./MarketBase.sol";

/// @title Statuses, and calls to consumers
/// @notice Calls come last in every step, when state and money are settled, and cannot change either. A failed one is
/// noted, and anyone may repeat it.
abstract contract Delivery is MarketBase {
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

    function _load(Job calldata job) internal view returns (bytes32 jobId, JobStatus memory status) {
        jobId = job.id();
        status.unpack(_statuses[jobId]);
    }

    /// @notice Whether settling the job calls its consumer: not if an earlier call was made, be it only in vain.
    function _isDueAtSettlement(Job calldata job, JobStatus memory status) internal pure returns (bool) {
        return job.consumer() != address(0) && !status.answeredEarly && !status.callbackOwed;
    }

    function _isDueAtExecution(Job calldata job) internal pure returns (bool) {
        return job.consumer() != address(0) && job.callbackAt() == CallbackAt.Executed;
    }

    function _call(bytes32 jobId, Job calldata job, bytes memory data) private returns (bool delivered) {
        bytes memory reason;
        (delivered, reason) = Callback.tryCall(job.consumer(), job.callbackGas(), data);
        if (delivered) emit IJobs.CallbackDelivered(jobId);
        else emit IJobs.CallbackFailed(jobId, reason);
    }
}
