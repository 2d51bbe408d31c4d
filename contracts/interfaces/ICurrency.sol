// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @title What all contracts that hold money have in common
/// @notice Amounts are in the currency's smallest unit. A payable function takes the amount as value if the currency is
/// the native coin, and from the caller's allowance, without value, if it is an ERC-20.
interface ICurrency {
    /// @notice The value sent is not the amount, or not zero where the currency is an ERC-20.
    error ValueMismatch(uint256 had, uint256 needed);
    /// @notice The token moved another amount than it was told, as one with a fee on transfers does.
    error TransferShort(uint256 had, uint256 needed);
    error TransferFailed(address to, uint256 amount);
    /// @notice The native coin knows no permits.
    error PermitNotPossible();
    /// @notice The token refused the permit, and no allowance is there without it.
    error PermitRefused();

    /// @notice The ERC-20 in which everything is paid; zero for the native coin.
    function currency() external view returns (IERC20);
}
