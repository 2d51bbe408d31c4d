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
        _deposit(account);
    }

    /// @inheritdoc IInferenceMarket
    function withdraw(uint256 amount, address payable to) external override nonReentrant {
        _debit(_accounts[msg.sender], amount);
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

    function _deposit(address account) internal {
        _credit(account, msg.value);
        emit Deposited(account, msg.sender, msg.value);
    }

    /// @notice Takes `amount` from the caller's account for a new job and counts the job.
    function _earmark(uint256 amount) internal returns (uint64 nonce) {
        if (msg.value != 0) _deposit(msg.sender);
        Account storage account = _accounts[msg.sender];
        _debit(account, amount);
        nonce = account.nonce;
        account.nonce = nonce + 1;
    }

    function _credit(address account, uint256 amount) internal {
        if (amount != 0) _accounts[account].balance += uint192(amount);
    }

    function _debit(Account storage account, uint256 amount) private {
        uint256 had = account.balance;
        if (had < amount) revert BalanceTooLow(msg.sender, had, amount);
        account.balance = uint192(had - amount);
    }
}
