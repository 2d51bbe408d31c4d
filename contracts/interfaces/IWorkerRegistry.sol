// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Level, LevelSet} from "../types/Level.sol";

/// @notice A worker: an identity with stake. The operator owns it and gets its earnings; the key acts for it.
struct Worker {
    // slot 0
    address operator;
    uint96 stake;
    // slot 1
    address key;
    /// Part of the stake that open jobs hold.
    uint96 bound;
    // slot 2
    /// Wei per work unit.
    uint96 price;
    /// Stake that leaves at `unbondingAt`; it can still be slashed until it is withdrawn.
    uint96 unbonding;
    uint40 unbondingAt;
    bool draining;
}

/// @title Workers, their stake and what they serve
interface IWorkerRegistry {
    event WorkerRegistered(uint24 indexed workerId, address indexed operator, address indexed key, uint96 price);
    event WorkerKeyChanged(uint24 indexed workerId, address indexed key);
    event PriceChanged(uint24 indexed workerId, uint96 price);
    event DrainingChanged(uint24 indexed workerId, bool draining);
    event StakeAdded(uint24 indexed workerId, uint256 amount);
    event UnbondingStarted(uint24 indexed workerId, uint256 amount, uint40 availableAt);
    event StakeWithdrawn(uint24 indexed workerId, uint256 amount, address to);
    event ServingChanged(uint24 indexed workerId, bytes32 indexed versionId, Level indexed level, bool serving);
    event StakeBound(uint24 indexed workerId, uint256 amount);
    event StakeReleased(uint24 indexed workerId, uint256 amount);
    event WorkerSlashed(uint24 indexed workerId, uint256 amount);

    error WorkerUnknown(address key);
    error WorkerIdUnknown(uint24 workerId);
    error NotOperator(uint24 workerId, address caller);
    error NotMarket(address caller);
    error KeyTaken(address key);
    error StakeTooLow(uint256 had, uint256 needed);
    error StakeStillBound(uint256 bound);
    error UnbondingNotOver(uint40 availableAt);
    error NothingUnbonding(uint24 workerId);
    error NotServing(uint24 workerId, bytes32 versionId, Level level);
    error LevelNotAllowed(bytes32 versionId, Level level);
    error MarketAlreadySet(address market);

    /// @notice Registers a worker owned by the caller with the stake sent along, at least `minimumStake`.
    function register(address key, uint96 price) external payable returns (uint24 workerId);

    function addStake(uint24 workerId) external payable;

    /// @notice Starts the delay after which stake can leave. Bound stake cannot; a new call adds to the first amount
    /// and starts the delay again.
    function startUnbonding(uint24 workerId, uint96 amount) external;

    function withdrawStake(uint24 workerId, address payable to) external;

    function setKey(uint24 workerId, address key) external;

    function setPrice(uint24 workerId, uint96 price) external;

    /// @notice A draining worker finishes its jobs and gets no new ones.
    function setDraining(uint24 workerId, bool draining) external;

    /// @notice Adds and removes levels at which the worker (operator or key) serves a version: afterwards it serves exactly `levels`.
    function serve(uint24 workerId, bytes32 versionId, LevelSet levels) external;

    /// @notice Market only: binds part of the free stake of the worker with this key to a job.
    /// @return workerId The worker.
    function bind(address key, uint256 amount) external returns (uint24 workerId);

    /// @notice Market only: a job ended well.
    function release(uint24 workerId, uint256 amount) external;

    /// @notice Market only: takes bound stake (never more than there is) and sends it to the market.
    /// @return taken What was sent.
    function slash(uint24 workerId, uint256 amount) external returns (uint256 taken);

    function workerOf(uint24 workerId) external view returns (Worker memory);

    /// @notice Reverts with `WorkerUnknown`.
    function workerIdOf(address key) external view returns (uint24);

    function isServing(uint24 workerId, bytes32 versionId, Level level) external view returns (bool);

    /// @notice Reverts unless the worker with this key serves the version at the level; returns its id.
    function requireServing(address key, bytes32 versionId, Level level) external view returns (uint24 workerId);

    /// @notice Length of the append-only list of workers of a version and level, gaps included, and how many serve.
    function candidates(bytes32 versionId, Level level) external view returns (uint32 length, uint32 serving);

    /// @notice Worker at a place of that list that may be drawn for a fee: 0 if it left, drains, lacks `jobStake` or asks more.
    function candidateAt(
        bytes32 versionId,
        Level level,
        uint256 index,
        uint256 maxPrice,
        uint256 jobStake
    ) external view returns (uint24 workerId);
}
