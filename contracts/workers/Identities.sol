// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {IWorkerRegistry, Worker} from "../interfaces/IWorkerRegistry.sol";
import {Currency} from "../market/Currency.sol";

/// @title Who the workers are: operator, key and price
/// @dev Guarded against re-entry is what a worker moves money with: `_collect` compares balances before and after a
/// transfer, and a token's hook must not stake or withdraw in between.
abstract contract Identities is IWorkerRegistry, Currency, ReentrancyGuardTransient {
    uint256 public immutable override minimumStake;

    uint24 public override workerCount;
    mapping(uint24 workerId => Worker) internal _workers;
    mapping(address key => uint24) private _idOfKey;

    modifier onlyOperator(uint24 workerId) {
        if (_existing(workerId).operator != msg.sender) revert NotOperator(workerId, msg.sender);
        _;
    }

    constructor(IERC20 currency_, uint256 minimumStake_) Currency(currency_) {
        if (minimumStake_ == 0 || minimumStake_ > type(uint80).max) {
            revert ParameterOutOfRange("minimumStake", minimumStake_, type(uint80).max);
        }
        minimumStake = minimumStake_;
    }

    /// @inheritdoc IWorkerRegistry
    function register(
        address key,
        uint80 price,
        uint256 stake
    ) external payable override nonReentrant returns (uint24 workerId) {
        return _register(key, price, stake);
    }

    /// @inheritdoc IWorkerRegistry
    function registerWithPermit(
        address key,
        uint80 price,
        uint256 stake,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external override nonReentrant returns (uint24 workerId) {
        _usePermit(stake, deadline, v, r, s);
        return _register(key, price, stake);
    }

    /// @inheritdoc IWorkerRegistry
    function setKey(uint24 workerId, address key) external override onlyOperator(workerId) {
        delete _idOfKey[_workers[workerId].key];
        _takeKey(workerId, key);
        _workers[workerId].key = key;
        emit WorkerKeyChanged(workerId, key);
    }

    /// @inheritdoc IWorkerRegistry
    function setPrice(uint24 workerId, uint80 price) external override onlyOperator(workerId) {
        _workers[workerId].price = price;
        emit PriceChanged(workerId, price);
    }

    /// @inheritdoc IWorkerRegistry
    function setDraining(uint24 workerId, bool draining) external override onlyOperator(workerId) {
        _workers[workerId].draining = draining;
        emit DrainingChanged(workerId, draining);
    }

    /// @inheritdoc IWorkerRegistry
    function workerOf(uint24 workerId) external view override returns (Worker memory) {
        return _existing(workerId);
    }

    /// @inheritdoc IWorkerRegistry
    function operatorOf(uint24 workerId) external view override returns (address) {
        return _workers[workerId].operator;
    }

    /// @inheritdoc IWorkerRegistry
    function workerIdOf(address key) public view override returns (uint24 workerId) {
        workerId = _idOfKey[key];
        if (workerId == 0) revert WorkerUnknown(key);
    }

    function _existing(uint24 workerId) internal view returns (Worker storage worker) {
        worker = _workers[workerId];
        if (worker.operator == address(0)) revert WorkerIdUnknown(workerId);
    }

    function _register(address key, uint80 price, uint256 stake) private returns (uint24 workerId) {
        if (stake < minimumStake) revert StakeTooLow(stake, minimumStake);
        _collect(stake);
        workerId = ++workerCount;
        _takeKey(workerId, key);
        _workers[workerId] = Worker({
            stake: SafeCast.toUint80(stake),
            reserved: 0,
            price: price,
            draining: false,
            operator: msg.sender,
            unbondingAt: 0,
            key: key,
            unbonding: 0
        });
        emit WorkerRegistered(workerId, msg.sender, key, price);
        emit StakeAdded(workerId, stake);
    }

    function _takeKey(uint24 workerId, address key) private {
        if (key == address(0) || _idOfKey[key] != 0) revert KeyTaken(key);
        _idOfKey[key] = workerId;
    }
}
