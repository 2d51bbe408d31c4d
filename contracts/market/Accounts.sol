// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {IInferenceMarket} from "../interfaces/IInferenceMarket.sol";

/// @title Prepaid balances and pull payments
abstract contract Accounts is IInferenceMarket, ReentrancyGuardTransient {
    struct Account {
        /// All the coins there are fit, so sums of balances cannot overflow.
        uint192 balance;
        uint64 nonce;
    }

    mapping(address => Account) private _accounts;

    /// @inheritdoc IInferenceMarket
    function deposit(address account) external payable override {
        _credit(account, msg.value);
        emit Deposited(account, msg.sender, msg.value);
    }

    /// @inheritdoc IInferenceMarket
    function withdraw(uint256 amount, address payable to) external override nonReentrant {
        Account storage account = _accounts[msg.sender];
        if (account.balance < amount) revert BalanceTooLow(msg.sender, account.balance, amount);
        account.balance -= uint192(amount);
        emit Withdrawn(msg.sender, to, amount);
        (bool sent, ) = to.call{value: amount}("");
        if (!sent) revert TransferFailed(to, amount);
    }

    /// @inheritdoc IInferenceMarket
    function balanceOf(address account) external view override returns (uint256) {
        return _accounts[account].balance;
    }

    /// @inheritdoc IInferenceMarket
    function nonceOf(address requester) external view override returns (uint64) {
        return _accounts[requester].nonce;
    }

    /// @notice Takes `amount` from the caller's account, to which the value sent is added first, and counts a new job.
    function _earmark(uint256 amount) internal returns (uint64 nonce) {
        Account memory account = _accounts[msg.sender];
        uint256 had = account.balance + msg.value;
        if (had < amount) revert BalanceTooLow(msg.sender, had, amount);
        nonce = account.nonce;
        _accounts[msg.sender] = Account(uint192(had - amount), nonce + 1);
        if (msg.value != 0) emit Deposited(msg.sender, msg.sender, msg.value);
    }

    function _credit(address account, uint256 amount) internal {
        if (amount != 0) _accounts[account].balance += uint192(amount);
    }
}
