// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {IStakeHolder} from "../interfaces/IStakeHolder.sol";
import {IWorkerRegistry, Worker} from "../interfaces/IWorkerRegistry.sol";
import {Identities} from "./Identities.sol";

/// @title What workers stake, who holds it, and how it leaves
/// @dev `slash` is not guarded against re-entry: it sends after all is written, and whoever lets a token's hook call it
/// in the middle of a transfer fails the comparison of balances there.
abstract contract Stakes is Identities, AccessManaged {
    uint256 private constant LEAST_DELAY = 1 days;
    uint256 private constant MOST_DELAY = 90 days;

    uint256 public immutable override unbondingDelay;

    address public override market;
    address public override anchors;

    modifier onlyAnchors() {
        if (msg.sender != anchors) revert NotHolder(msg.sender);
        _;
    }

    constructor(uint256 unbondingDelay_, address authority) AccessManaged(authority) {
        if (unbondingDelay_ < LEAST_DELAY || unbondingDelay_ > MOST_DELAY) {
            revert ParameterOutOfRange("unbondingDelay", unbondingDelay_, MOST_DELAY);
        }
        unbondingDelay = unbondingDelay_;
    }

    /// @inheritdoc IWorkerRegistry
    function setHolders(address market_, address anchors_) external override restricted {
        if (market != address(0)) revert HoldersAlreadySet(market, anchors);
        if (market_ == address(0) || anchors_ == address(0) || market_ == anchors_) {
            revert HoldersInvalid(market_, anchors_);
        }
        market = market_;
        anchors = anchors_;
        emit HoldersSet(market_, anchors_);
    }

    /// @inheritdoc IWorkerRegistry
    function addStake(uint24 workerId, uint256 amount) external payable override nonReentrant {
        Worker storage worker = _existing(workerId);
        _collect(amount);
        worker.stake = SafeCast.toUint80(worker.stake + amount);
        emit StakeAdded(workerId, amount);
    }

    /// @inheritdoc IWorkerRegistry
    function startUnbonding(uint24 workerId, uint80 amount) external override onlyOperator(workerId) {
        Worker storage worker = _workers[workerId];
        if (worker.stake < amount) revert StakeTooLow(worker.stake, amount);
        uint80 unbonding = worker.unbonding + amount;
        if (unbonding == 0) revert NothingUnbonding(workerId);

        // What is bound may leave the stake, too: until it is withdrawn it covers open business as well.
        worker.stake -= amount;
        worker.unbonding = unbonding;
        worker.unbondingAt = uint40(block.timestamp + unbondingDelay);
        emit UnbondingStarted(workerId, amount, worker.unbondingAt);
    }

    /// @inheritdoc IWorkerRegistry
    function withdrawStake(uint24 workerId, address payable to) external override nonReentrant onlyOperator(workerId) {
        Worker storage worker = _workers[workerId];
        uint256 amount = worker.unbonding;
        if (amount == 0) revert NothingUnbonding(workerId);
        if (block.timestamp < worker.unbondingAt) revert UnbondingNotOver(worker.unbondingAt);
        uint256 bound = _boundOf(workerId, worker);
        if (worker.stake < bound) revert StakeStillBound(bound, worker.stake);

        worker.unbonding = 0;
        worker.unbondingAt = 0;
        emit StakeWithdrawn(workerId, amount, to);
        _send(to, amount);
    }

    /// @inheritdoc IWorkerRegistry
    function reserve(uint24 workerId, uint256 amount) external override onlyAnchors {
        Worker storage worker = _existing(workerId);
        uint256 free = Math.saturatingSub(worker.stake, _boundOf(workerId, worker));
        if (free < amount) revert StakeTooLow(free, amount);
        // No more than the free stake, so it fits.
        worker.reserved += uint80(amount);
        emit StakeReserved(workerId, amount);
    }

    /// @inheritdoc IWorkerRegistry
    function unreserve(uint24 workerId, uint256 amount) external override onlyAnchors {
        Worker storage worker = _workers[workerId];
        if (worker.reserved < amount) revert StakeTooLow(worker.reserved, amount);
        worker.reserved -= uint80(amount);
        emit StakeFreed(workerId, amount);
    }

    /// @inheritdoc IWorkerRegistry
    function slash(uint24 workerId, uint256 amount) external override returns (uint256 taken) {
        Worker storage worker = _workers[workerId];
        (uint256 stake, uint256 unbonding, uint256 reserved) = (worker.stake, worker.unbonding, worker.reserved);
        // Neither holder takes what only the other one holds.
        if (msg.sender == market) taken = Math.min(amount, stake + unbonding - reserved);
        else if (msg.sender == anchors) taken = Math.min(amount, reserved);
        else revert NotHolder(msg.sender);

        // All that is taken is in one of the two, and every part of it is no more than fits.
        uint256 fromStake = Math.min(taken, stake);
        worker.stake = uint80(stake - fromStake);
        if (msg.sender == anchors) worker.reserved = uint80(reserved - taken);
        if (fromStake < taken) _slashUnbonding(worker, taken - fromStake);
        emit WorkerSlashed(workerId, taken);
        _send(msg.sender, taken);
    }

    function _slashUnbonding(Worker storage worker, uint256 amount) private {
        worker.unbonding -= uint80(amount);
        if (worker.unbonding == 0) worker.unbondingAt = 0;
    }

    /// @dev All that open business holds. Before there is a market nobody serves, so nothing is open.
    function _boundOf(uint24 workerId, Worker storage worker) private view returns (uint256) {
        return market == address(0) ? 0 : worker.reserved + IStakeHolder(market).boundOf(workerId);
    }
}
