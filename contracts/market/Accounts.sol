// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAccounts} from "../interfaces/IAccounts.sol";
import {Request} from "../types/Job.sol";
import {Standing} from "../types/Standing.sol";
import {Part} from "./Part.sol";
import {Requests} from "./Requests.sol";

/// @title Prepaid balances and pull payments
abstract contract Accounts is IAccounts, Requests, Part {
    /// @inheritdoc IAccounts
    function deposit(address account, uint256 amount) external payable override inMarket nonReentrant {
        _collect(amount);
        _credit(account, amount);
        emit Deposited(account, msg.sender, amount);
    }

    /// @inheritdoc IAccounts
    function depositWithPermit(
        address account,
        uint256 amount,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external override inMarket nonReentrant {
        _usePermit(amount, deadline, v, r, s);
        _collect(amount);
        _credit(account, amount);
        emit Deposited(account, msg.sender, amount);
    }

    /// @inheritdoc IAccounts
    function withdraw(uint256 amount, address payable to) external override nonReentrant {
        _take(msg.sender, amount);
        emit Withdrawn(msg.sender, to, amount);
        _send(to, amount);
    }

    /// @inheritdoc IAccounts
    function allowConsumer(address consumer, uint256 amount) external override {
        _allowances[msg.sender][consumer] = amount;
        emit ConsumerAllowed(msg.sender, consumer, amount);
    }

    /// @inheritdoc IAccounts
    function requestFrom(
        address payer,
        Request calldata req,
        bytes calldata input
    ) external override inMarket returns (bytes32 jobId) {
        uint256 allowed = _allowances[payer][msg.sender];
        if (allowed < req.maxFee) revert AllowanceTooLow(payer, msg.sender, allowed, req.maxFee);
        if (allowed != type(uint256).max) _allowances[payer][msg.sender] = allowed - req.maxFee;
        return _open(req, input, payer, msg.sender, 0);
    }

    /// @inheritdoc IAccounts
    function withdrawEarnings(uint24 workerId, address payable to) external override nonReentrant {
        if (WORKERS.operatorOf(workerId) != msg.sender) revert NotWorkersOperator(workerId, msg.sender);
        Standing memory standing = _standing(workerId);
        uint256 amount = standing.earned;
        standing.earned = 0;
        _keepStanding(workerId, standing);
        emit EarningsWithdrawn(workerId, to, amount);
        _send(to, amount);
    }

    /// @inheritdoc IAccounts
    function returnToDraws(uint24 workerId) external override {
        bool isOperator = WORKERS.operatorOf(workerId) == msg.sender;
        if (!isOperator && WORKERS.workerIdOf(msg.sender) != workerId) revert NotWorkersOperator(workerId, msg.sender);
        Standing memory standing = _standing(workerId);
        if (!standing.suspended) revert NotSuspended(workerId);
        standing.suspended = false;
        standing.misses = 0;
        _keepStanding(workerId, standing);
        emit WorkerReturned(workerId);
    }

    /// @inheritdoc IAccounts
    function balanceOf(address account) external view override returns (uint256) {
        return _accounts[account].balance;
    }

    /// @inheritdoc IAccounts
    function nonceOf(address requester) external view override returns (uint64) {
        return _accounts[requester].nonce;
    }

    /// @inheritdoc IAccounts
    function allowanceOf(address account, address consumer) external view override returns (uint256) {
        return _allowances[account][consumer];
    }

    /// @inheritdoc IAccounts
    function standingOf(uint24 workerId) external view override returns (Standing memory) {
        return _standing(workerId);
    }

    /// @notice What open jobs, copies and panels hold of a worker's stake.
    function boundOf(uint24 workerId) external view override returns (uint256) {
        return _standing(workerId).bound;
    }
}
