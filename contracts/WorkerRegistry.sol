// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {IModelRegistry} from "./interfaces/IModelRegistry.sol";
import {IWorkerRegistry, Worker} from "./interfaces/IWorkerRegistry.sol";
import {CandidateList} from "./libraries/Candidates.sol";
import {Level, LevelSet} from "./types/Level.sol";

/// @title Workers, their stake and what they serve
/// @notice Holds all stake: its balance is the sum of every worker's stake and unbonding stake.
contract WorkerRegistry is IWorkerRegistry, AccessManaged {
    /// @dev In a place of `_places`: the worker serves. The other bits are the place plus one.
    uint32 private constant SERVING = 1 << 31;
    uint8 private constant LEVELS = 3;

    IModelRegistry private immutable MODELS;
    uint256 public immutable override minimumStake;
    uint256 public immutable override unbondingDelay;

    address public override market;
    uint24 public override workerCount;
    mapping(uint24 workerId => Worker) private _workers;
    mapping(address key => uint24) private _idOfKey;
    mapping(bytes32 versionId => mapping(Level level => CandidateList)) private _candidates;
    /// @dev For each level, where the worker stands in the list and whether it serves. It keeps its place for good.
    mapping(bytes32 versionId => mapping(uint24 workerId => uint32[3])) private _places;

    modifier onlyMarket() {
        if (msg.sender != market) revert NotMarket(msg.sender);
        _;
    }

    modifier onlyOperator(uint24 workerId) {
        if (_existing(workerId).operator != msg.sender) revert NotOperator(workerId, msg.sender);
        _;
    }

    constructor(
        IModelRegistry models,
        uint256 minimumStake_,
        uint256 unbondingDelay_,
        address authority
    ) AccessManaged(authority) {
        MODELS = models;
        minimumStake = minimumStake_;
        unbondingDelay = unbondingDelay_;
    }

    /// @inheritdoc IWorkerRegistry
    function setMarket(address market_) external override restricted {
        if (market != address(0)) revert MarketAlreadySet(market);
        market = market_;
        emit MarketSet(market_);
    }

    /// @inheritdoc IWorkerRegistry
    function register(address key, uint80 price) external payable override returns (uint24 workerId) {
        if (msg.value < minimumStake) revert StakeTooLow(msg.value, minimumStake);
        workerId = ++workerCount;
        _takeKey(workerId, key);
        _workers[workerId] = Worker({
            stake: SafeCast.toUint80(msg.value),
            bound: 0,
            price: price,
            draining: false,
            operator: msg.sender,
            unbondingAt: 0,
            key: key,
            unbonding: 0
        });
        emit WorkerRegistered(workerId, msg.sender, key, price);
        emit StakeAdded(workerId, msg.value);
    }

    /// @inheritdoc IWorkerRegistry
    function addStake(uint24 workerId) external payable override {
        Worker storage worker = _existing(workerId);
        worker.stake = SafeCast.toUint80(worker.stake + msg.value);
        emit StakeAdded(workerId, msg.value);
    }

    /// @inheritdoc IWorkerRegistry
    function startUnbonding(uint24 workerId, uint80 amount) external override onlyOperator(workerId) {
        Worker storage worker = _workers[workerId];
        if (worker.stake < amount) revert StakeTooLow(worker.stake, amount);
        if (worker.stake - worker.bound < amount) revert StakeStillBound(worker.bound);

        worker.stake -= amount;
        worker.unbonding += amount;
        worker.unbondingAt = uint40(block.timestamp + unbondingDelay);
        emit UnbondingStarted(workerId, amount, worker.unbondingAt);
    }

    /// @inheritdoc IWorkerRegistry
    function withdrawStake(uint24 workerId, address payable to) external override onlyOperator(workerId) {
        Worker storage worker = _workers[workerId];
        uint256 amount = worker.unbonding;
        if (amount == 0) revert NothingUnbonding(workerId);
        if (block.timestamp < worker.unbondingAt) revert UnbondingNotOver(worker.unbondingAt);

        worker.unbonding = 0;
        worker.unbondingAt = 0;
        emit StakeWithdrawn(workerId, amount, to);
        _send(to, amount);
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
    function serve(uint24 workerId, bytes32 versionId, LevelSet levels) external override {
        Worker storage worker = _existing(workerId);
        if (msg.sender != worker.operator && msg.sender != worker.key) revert NotOperator(workerId, msg.sender);
        LevelSet allowed = MODELS.terms(versionId).levels;
        if (levels.raw() >> LEVELS != 0) revert IModelRegistry.LevelsInvalid(levels.raw());

        for (uint8 i = 0; i < LEVELS; ++i) {
            Level level = Level(i);
            if (levels.has(level) && !allowed.has(level)) revert LevelNotAllowed(versionId, level);
            _setServing(workerId, versionId, level, levels.has(level));
        }
    }

    /// @inheritdoc IWorkerRegistry
    function bind(
        address key,
        bytes32 versionId,
        Level level,
        uint256 place,
        uint256 maxPrice,
        uint256 amount
    ) external override onlyMarket returns (uint24 workerId, uint24 drawn) {
        (workerId, drawn) = turnOf(key, versionId, level, place, maxPrice, amount);
        Worker storage worker = _workers[workerId];
        uint256 free = worker.stake - worker.bound;
        if (free < amount) revert StakeTooLow(free, amount);
        // No more than the free stake, so it fits.
        worker.bound += uint80(amount);
    }

    /// @inheritdoc IWorkerRegistry
    function release(uint24 workerId, uint256 amount) external override onlyMarket returns (address operator) {
        Worker storage worker = _workers[workerId];
        worker.bound = SafeCast.toUint80(worker.bound - amount);
        return worker.operator;
    }

    /// @inheritdoc IWorkerRegistry
    function slash(uint24 workerId, uint256 amount) external override onlyMarket returns (uint256 taken) {
        Worker storage worker = _workers[workerId];
        taken = amount < worker.bound ? amount : worker.bound;
        worker.bound -= uint80(taken);
        worker.stake -= uint80(taken);
        emit WorkerSlashed(workerId, taken);
        _send(payable(msg.sender), taken);
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
    function requireServing(
        address key,
        bytes32 versionId,
        Level level
    ) external view override returns (uint24 workerId) {
        workerId = workerIdOf(key);
        _requireServing(workerId, versionId, level);
    }

    /// @inheritdoc IWorkerRegistry
    function candidates(bytes32 versionId, Level level) external view override returns (uint32 length, uint32 serving) {
        CandidateList storage list = _candidates[versionId][level];
        return (list.length, list.serving);
    }

    /// @inheritdoc IWorkerRegistry
    function workerIdOf(address key) public view override returns (uint24 workerId) {
        workerId = _idOfKey[key];
        if (workerId == 0) revert WorkerUnknown(key);
    }

    /// @inheritdoc IWorkerRegistry
    function turnOf(
        address key,
        bytes32 versionId,
        Level level,
        uint256 place,
        uint256 maxPrice,
        uint256 jobStake
    ) public view override returns (uint24 workerId, uint24 drawn) {
        workerId = workerIdOf(key);
        drawn = candidateAt(versionId, level, place, maxPrice, jobStake);
        // Who is drawn serves.
        if (drawn != workerId) _requireServing(workerId, versionId, level);
    }

    /// @inheritdoc IWorkerRegistry
    function candidateAt(
        bytes32 versionId,
        Level level,
        uint256 index,
        uint256 maxPrice,
        uint256 jobStake
    ) public view override returns (uint24 workerId) {
        if (index == type(uint256).max) return 0;
        workerId = _candidates[versionId][level].idAt(index);
        if (workerId == 0) return 0;
        Worker storage worker = _workers[workerId];
        bool asksTooMuch = worker.price > maxPrice;
        // The minimum is what a place costs: without it, one stake could move through any number of places.
        bool lacksStake = worker.stake < minimumStake || worker.stake - worker.bound < jobStake;
        return worker.draining || asksTooMuch || lacksStake ? 0 : workerId;
    }

    /// @inheritdoc IWorkerRegistry
    function isServing(uint24 workerId, bytes32 versionId, Level level) public view override returns (bool) {
        return _places[versionId][workerId][uint8(level)] & SERVING != 0;
    }

    function _setServing(uint24 workerId, bytes32 versionId, Level level, bool serving) private {
        uint32[3] storage places = _places[versionId][workerId];
        uint32 place = places[uint8(level)];
        if (serving == (place & SERVING != 0)) return;

        CandidateList storage list = _candidates[versionId][level];
        uint32 known = place & ~SERVING;
        if (!serving) list.clear(known - 1);
        else if (known == 0) known = list.append(workerId) + 1;
        else list.fill(known - 1, workerId);

        places[uint8(level)] = serving ? known | SERVING : known;
        emit ServingChanged(workerId, versionId, level, serving);
    }

    function _takeKey(uint24 workerId, address key) private {
        if (key == address(0) || _idOfKey[key] != 0) revert KeyTaken(key);
        _idOfKey[key] = workerId;
    }

    function _send(address payable to, uint256 amount) private {
        (bool sent, ) = to.call{value: amount}("");
        if (!sent) revert TransferFailed(to, amount);
    }

    function _requireServing(uint24 workerId, bytes32 versionId, Level level) private view {
        if (!isServing(workerId, versionId, level) || _workers[workerId].draining) {
            revert NotServing(workerId, versionId, level);
        }
    }

    function _existing(uint24 workerId) private view returns (Worker storage worker) {
        worker = _workers[workerId];
        if (worker.operator == address(0)) revert WorkerIdUnknown(workerId);
    }
}
