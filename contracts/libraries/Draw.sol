// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Which place of the list of candidates a job draws
library Draw {
    /// @notice A place below `candidates`, uniform up to a bias of `candidates / 2^256`.
    /// @dev The block hash is unknown inside the requesting transaction, so a requester cannot revert on a draw that it
    /// dislikes. The job id keeps jobs of one block apart.
    function place(bytes32 requestBlockHash, bytes32 jobId, uint256 candidates) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode(requestBlockHash, jobId))) % candidates;
    }
}
