// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IModelRegistry} from "./interfaces/IModelRegistry.sol";
import {IWorkerRegistry, Ticket, Worker} from "./interfaces/IWorkerRegistry.sol";
import {Seats} from "./libraries/Seats.sol";
import {TicketList, Tickets} from "./libraries/Tickets.sol";
import {Level, LevelSet} from "./types/Level.sol";
import {Identities} from "./workers/Identities.sol";
import {Stakes} from "./workers/Stakes.sol";

/// @title Workers, their stake and what they serve
/// @notice Holds all stake: its balance is the sum of every worker's stake and unbonding stake.
contract WorkerRegistry is Stakes {
    uint8 private constant LEVELS = 3;

    IModelRegistry private immutable MODELS;

    mapping(bytes32 versionId => mapping(Level level => TicketList)) private _tickets;
    mapping(bytes32 versionId => mapping(uint24 workerId => Seats[3])) private _seats;

    constructor(
        IModelRegistry models,
        IERC20 currency_,
        uint256 minimumStake_,
        uint256 unbondingDelay_,
        address authority
    ) Identities(currency_, minimumStake_) Stakes(unbondingDelay_, authority) {
        MODELS = models;
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
            if (market == address(0)) revert HoldersNotSet();
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
    ) external view override returns (uint24 workerId, uint80 free, uint24 drawn, uint80 drawnPrice, uint80 drawnFree) {
        workerId = workerIdOf(key);
        (drawn, drawnPrice, drawnFree) = candidateAt(versionId, level, place);
        // Whose live ticket it is serves and does not drain.
        if (drawn == workerId) return (workerId, drawnFree, drawn, drawnPrice, drawnFree);
        _requireServing(workerId, versionId, level);
        Worker storage worker = _workers[workerId];
        free = _unreserved(worker.stake, worker.reserved);
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
            Worker storage worker = _workers[workerId];
            page[i] = Ticket(workerId, uint8(index), _isLive(worker.stake, worker.draining, index));
        }
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
        // One slot, read once.
        (uint80 stake, uint80 reserved, bool draining) = (worker.stake, worker.reserved, worker.draining);
        price = worker.price;
        // Nobody is worker 0, so a gap has no stake.
        if (!_isLive(stake, draining, index)) return (0, 0, 0);
        free = _unreserved(stake, reserved);
    }

    /// @inheritdoc IWorkerRegistry
    function isServing(uint24 workerId, bytes32 versionId, Level level) public view override returns (bool) {
        return _seats[versionId][workerId][uint8(level)].held() != 0;
    }

    function _setTickets(uint24 workerId, bytes32 versionId, Level level, uint256 count) private {
        Seats before = _seats[versionId][workerId][uint8(level)];
        if (before.held() == count) return;
        _seats[versionId][workerId][uint8(level)] = _tickets[versionId][level].hold(before, workerId, count);
        emit ServingChanged(workerId, versionId, level, uint8(count));
    }

    function _requireServing(uint24 workerId, bytes32 versionId, Level level) private view {
        if (!isServing(workerId, versionId, level) || _workers[workerId].draining) {
            revert NotServing(workerId, versionId, level);
        }
    }

    function _weightOf(Worker storage worker) private view returns (uint256) {
        return Math.min(worker.stake / minimumStake, Tickets.MOST);
    }

    /// @dev Whether the worker's weight is more than the index, without a division.
    function _isLive(uint80 stake, bool draining, uint256 index) private view returns (bool) {
        return !draining && stake >= (index + 1) * minimumStake;
    }

    /// @dev What is reserved may be unbonding, and more of it than what is left of the stake.
    function _unreserved(uint80 stake, uint80 reserved) private pure returns (uint80) {
        return stake > reserved ? stake - reserved : 0;
    }
}
