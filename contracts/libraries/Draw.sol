// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Which places of the list of tickets are drawn, one after the other
library Draw {
    /// @notice A place below `candidates`, uniform up to a bias of `candidates / 2^256`. `candidates` must not be 0.
    /// @param seed A block hash that was unknown when the question was asked.
    /// @param question The job or round, which keeps questions of one block apart.
    /// @param attempt 0 for the first place, then 1, and so on.
    function place(
        bytes32 seed,
        bytes32 question,
        uint256 attempt,
        uint256 candidates
    ) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode(seed, question, attempt))) % candidates;
    }
}
