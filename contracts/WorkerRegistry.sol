// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {IModelRegistry} from "./interfaces/IModelRegistry.sol";
import {IStakeHolder} from "./interfaces/IStakeHolder.sol";
import {IWorkerRegistry, Ticket, Turn, Worker} from "./interfaces/IWorkerRegistry.sol";
import {Seats} from "./libraries/Seats.sol";
import {TicketList, Tickets} from "./libraries/Tickets.sol";
import {Currency} from "./market/Currency.sol";
import {Level, LevelSet} from "./types/Level.sol";

/// @title Workers, their stake and what they serve
/// @notice Holds all stake: its balance is the sum of every worker's stake and unbonding stake.
/// @dev Guarded against re-entry is what a worker moves money with: `_collect` compares balances before and after a
/// transfer, and a token's hook must not stake or withdraw in between. `slash` is not: it sends after all is written,
/// and whoever lets a token's hook call it fails that comparison.
contract WorkerRegistry is IWorkerRegistry, Currency, AccessManaged, ReentrancyGuardTransient {
    uint8 private constant LEVELS = 3;
    uint256 private constant LEAST_DELAY = 1 days;
    uint256 private constant MOST_DELAY = 90 days;

    IModelRegistry private immutable MODELS;
    uint256 public immutable override minimumStake;
    uint256 public immutable override unbondingDelay;

    address public override market;
    uint24 public override workerCount;
    address public override anchors;
    mapping(uint24 workerId => Worker) private _workers;
    mapping(address key => uint24) private _idOfKey;
    mapping(bytes32 versionId => mapping(Level level => TicketList)) private _tickets;
    mapping(bytes32 versionId => mapping(uint24 workerId => Seats[3])) private _seats;

    modifier onlyAnchors() {
        if (msg.sender != anchors) revert NotHolder(msg.sender);
        _;
    }

    modifier onlyOperator(uint24 workerId) {
        if (_existing(workerId).operator != msg.sender) revert NotOperator(workerId, msg.sender);
        _;
    }

    constructor(
        IModelRegistry models,
        IERC20 currency_,
        uint256 minimumStake_,
        uint256 unbondingDelay_,
        address authority
    ) Currency(currency_) AccessManaged(authority) {
        if (minimumStake_ == 0 || minimumStake_ > type(uint80).max) {
            revert ParameterOutOfRange("minimumStake", minimumStake_, type(uint80).max);
        }
        if (unbondingDelay_ < LEAST_DELAY || unbondingDelay_ > MOST_DELAY) {
            revert ParameterOutOfRange("unbondingDelay", unbondingDelay_, MOST_DELAY);
        }
        MODELS = models;
        minimumStake = minimumStake_;
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
        if (levels.raw() >> LEVELS != 0) revert IModelRegistry.LevelsInvalid(levels.raw());
        // Who stops needs neither stake nor a version, and may hold tickets at any level.
        LevelSet allowed = LevelSet.wrap(uint8((1 << LEVELS) - 1));
        uint256 weight;
        if (levels.raw() != 0) {
            weight = _weightOf(worker);
            if (weight == 0) revert StakeTooLow(worker.stake, minimumStake);
            allowed = MODELS.requestTerms(versionId).levels;
        }

        for (uint8 i = 0; i < LEVELS; ++i) {
            Level level = Level(i);
            if (allowed.has(level)) _setTickets(workerId, versionId, level, levels.has(level) ? weight : 0);
            else if (levels.has(level)) revert LevelNotAllowed(versionId, level);
        }
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
    function weightOf(uint24 workerId) external view override returns (uint256) {
        return _weightOf(_workers[workerId]);
    }

    /// @inheritdoc IWorkerRegistry
    function turnOf(
        address key,
        bytes32 versionId,
        Level level,
        uint256 place
    ) external view override returns (Turn memory turn) {
        turn.workerId = workerIdOf(key);
        (turn.drawn, turn.drawnPrice, turn.drawnFree) = candidateAt(versionId, level, place);
        // Whose live ticket it is serves and does not drain.
        if (turn.drawn == turn.workerId) {
            turn.free = turn.drawnFree;
        } else {
            _requireServing(turn.workerId, versionId, level);
            turn.free = _unreserved(_workers[turn.workerId]);
        }
    }

    /// @inheritdoc IWorkerRegistry
    function candidates(bytes32 versionId, Level level) external view override returns (uint32 places, uint32 serving) {
        TicketList storage list = _tickets[versionId][level];
        return (list.length, list.serving);
    }

    /// @inheritdoc IWorkerRegistry
    function ticketsOf(
        bytes32 versionId,
        Level level,
        uint256 start,
        uint256 limit
    ) external view override returns (Ticket[] memory page) {
        TicketList storage list = _tickets[versionId][level];
        page = new Ticket[](Math.min(limit, Math.saturatingSub(list.length, start)));
        for (uint256 i = 0; i < page.length; ++i) {
            (uint24 workerId, uint256 index) = list.ticketAt(start + i);
            page[i] = Ticket(workerId, uint8(index), _isLive(_workers[workerId], index));
        }
    }

    /// @inheritdoc IWorkerRegistry
    function workerIdOf(address key) public view override returns (uint24 workerId) {
        workerId = _idOfKey[key];
        if (workerId == 0) revert WorkerUnknown(key);
    }

    /// @inheritdoc IWorkerRegistry
    function candidateAt(
        bytes32 versionId,
        Level level,
        uint256 place
    ) public view override returns (uint24 workerId, uint80 price, uint80 free) {
        if (place == type(uint256).max) return (0, 0, 0);
        uint256 index;
        (workerId, index) = _tickets[versionId][level].ticketAt(place);
        Worker storage worker = _workers[workerId];
        // Nobody is worker 0, so a gap has no stake.
        if (!_isLive(worker, index)) return (0, 0, 0);
        return (workerId, worker.price, _unreserved(worker));
    }

    /// @inheritdoc IWorkerRegistry
    function isServing(uint24 workerId, bytes32 versionId, Level level) public view override returns (bool) {
        return _seats[versionId][workerId][uint8(level)].held() != 0;
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

    function _setTickets(uint24 workerId, bytes32 versionId, Level level, uint256 count) private {
        Seats before = _seats[versionId][workerId][uint8(level)];
        if (before.held() == count) return;
        _seats[versionId][workerId][uint8(level)] = _tickets[versionId][level].hold(before, workerId, count);
        emit ServingChanged(workerId, versionId, level, uint8(count));
    }

    function _slashUnbonding(Worker storage worker, uint256 amount) private {
        worker.unbonding -= uint80(amount);
        if (worker.unbonding == 0) worker.unbondingAt = 0;
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

    /// @dev All that open business holds. Before there is a market, nothing is open.
    function _boundOf(uint24 workerId, Worker storage worker) private view returns (uint256) {
        return market == address(0) ? 0 : worker.reserved + IStakeHolder(market).boundOf(workerId);
    }

    function _weightOf(Worker storage worker) private view returns (uint256) {
        return Math.min(worker.stake / minimumStake, Tickets.MOST);
    }

    /// @dev Whether the worker's weight is more than the index, without a division.
    function _isLive(Worker storage worker, uint256 index) private view returns (bool) {
        return !worker.draining && worker.stake >= (index + 1) * minimumStake;
    }

    /// @dev What is reserved may be unbonding, and more of it than what is left of the stake.
    function _unreserved(Worker storage worker) private view returns (uint80) {
        return worker.stake > worker.reserved ? worker.stake - worker.reserved : 0;
    }
}
