// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {IBalances} from "../interfaces/IBalances.sol";
import {Burning} from "./Burning.sol";

/// @title Money that waits to be withdrawn
abstract contract Balances is IBalances, Burning, ReentrancyGuardTransient {
    mapping(address account => uint256) public override balanceOf;

    /// @inheritdoc IBalances
    function withdraw(uint256 amount, address to) external override nonReentrant {
        uint256 had = balanceOf[msg.sender];
        if (had < amount) revert BalanceTooLow(msg.sender, had, amount);

        balanceOf[msg.sender] = had - amount;
        emit Withdrawn(msg.sender, to, amount);
        _send(to, amount);
    }

    /// @dev No more than there is of the currency, so sums cannot overflow.
    function _credit(address account, uint256 amount) internal override {
        if (amount != 0) balanceOf[account] += amount;
    }
}
