// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title A contract whose open business holds part of a worker's stake
interface IStakeHolder {
    /// @notice Stake that the worker cannot withdraw before that business ends, in the currency's smallest unit.
    function boundOf(uint24 workerId) external view returns (uint256);
}
