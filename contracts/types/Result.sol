// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

bytes32 constant RESULT_TYPEHASH = keccak256(
    "Result(bytes32 jobId,bytes32 versionId,bytes32 inputHash,bytes32 outputHash,address worker,uint40 deadline)"
);

/// @notice EIP-712 struct of what evidence shows, whatever the job is; who uses it adds the domain.
function resultHash(
    bytes32 jobId,
    bytes32 versionId,
    bytes32 inputHash,
    bytes32 outputHash,
    address worker,
    uint40 deadline
) pure returns (bytes32) {
    return keccak256(abi.encode(RESULT_TYPEHASH, jobId, versionId, inputHash, outputHash, worker, deadline));
}
