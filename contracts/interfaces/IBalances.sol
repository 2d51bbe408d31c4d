// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ICurrency} from "./ICurrency.sol";

/// @title Money that waits to be withdrawn
/// @notice Nobody is sent money by somebody else's transaction, so nobody's refusal of a transfer can block anyone.
interface IBalances is ICurrency {
    event Withdrawn(address indexed account, address to, uint256 amount);

    error BalanceTooLow(address account, uint256 had, uint256 needed);

    /// @notice Takes money out of the caller's balance. Never paused.
    function withdraw(uint256 amount, address to) external;

    function balanceOf(address account) external view returns (uint256);
}
