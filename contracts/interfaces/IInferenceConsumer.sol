// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title What a contract implements to receive results
/// @notice Inherit `InferenceConsumer` instead of implementing this: it checks the caller and the job.
interface IInferenceConsumer {
    /// @notice An answer. Called by the market with exactly the gas that the job asked for. Reverting changes nothing
    /// for the worker; anyone may retry the call.
    /// @param jobId The job.
    /// @param output Packed output tensors of the version.
    /// @param isFinal False if the answer may still be revoked, or replaced by a final one: where one of several copies
    /// turned out right against most of them.
    function onInference(bytes32 jobId, bytes calldata output, bool isFinal) external;

    /// @notice An answer that was given before it was final turned out wrong or unproven; the fee was refunded.
    function onRevocation(bytes32 jobId) external;
}
