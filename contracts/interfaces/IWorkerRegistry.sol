// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Level, LevelSet} from "../types/Level.sol";

/// @notice A worker: an identity with stake. The operator owns it and gets its earnings; the key acts for it.
struct Worker {
    // slot 0: all that a draw and a job touch
    uint80 stake;
    /// Part of the stake that open jobs hold; never more than the stake.
    uint80 bound;
    /// Wei per work unit.
    uint80 price;
    bool draining;
    // slot 1
    address operator;
    /// When unbonding stake may be withdrawn; 0 when there is none.
    uint40 unbondingAt;
    // slot 2
    address key;
    /// Free stake on its way out. It binds nothing any more, so no open job depends on it.
    uint80 unbonding;
}

/// @title Workers, their stake and what they serve
interface IWorkerRegistry {
    event WorkerRegistered(uint24 indexed workerId, address indexed operator, address indexed key, uint80 price);
    event WorkerKeyChanged(uint24 indexed workerId, address indexed key);
    event PriceChanged(uint24 indexed workerId, uint80 price);
    event DrainingChanged(uint24 indexed workerId, bool draining);
    event StakeAdded(uint24 indexed workerId, uint256 amount);
    event UnbondingStarted(uint24 indexed workerId, uint256 amount, uint40 availableAt);
    event StakeWithdrawn(uint24 indexed workerId, uint256 amount, address to);
    event ServingChanged(uint24 indexed workerId, bytes32 indexed versionId, Level indexed level, bool serving);
    event WorkerSlashed(uint24 indexed workerId, uint256 amount);
    event MarketSet(address market);

    error WorkerUnknown(address key);
    error WorkerIdUnknown(uint24 workerId);
    error NotOperator(uint24 workerId, address caller);
    error NotMarket(address caller);
    /// @notice The key is zero, or acts for a worker already.
    error KeyTaken(address key);
    error StakeTooLow(uint256 had, uint256 needed);
    error StakeStillBound(uint256 bound);
    error UnbondingNotOver(uint40 availableAt);
    error NothingUnbonding(uint24 workerId);
    error NotServing(uint24 workerId, bytes32 versionId, Level level);
    error LevelNotAllowed(bytes32 versionId, Level level);
    error MarketAlreadySet(address market);
    error TransferFailed(address to, uint256 amount);

    /// @notice Registers a worker owned by the caller with the stake sent along, at least `minimumStake`. The key need
    /// not consent: whoever runs one checks with `workerIdOf` and `workerOf` for whose worker it acts.
    function register(address key, uint80 price) external payable returns (uint24 workerId);

    function addStake(uint24 workerId) external payable;

    /// @notice Starts the delay after which stake can leave. Bound stake cannot; a new call adds to the first amount
    /// and starts the delay again.
    function startUnbonding(uint24 workerId, uint80 amount) external;

    function withdrawStake(uint24 workerId, address payable to) external;

    /// @notice Makes another key act for the worker, for its open jobs, too. Evidence names the key that sends it:
    /// proofs must be made again for the new key, and it needs an enclave of its own.
    function setKey(uint24 workerId, address key) external;

    function setPrice(uint24 workerId, uint80 price) external;

    /// @notice A draining worker finishes its jobs and gets no new ones.
    function setDraining(uint24 workerId, bool draining) external;

    /// @notice Operator or key: adds and removes levels at which the worker serves a version, so that afterwards it
    /// serves exactly `levels`.
    function serve(uint24 workerId, bytes32 versionId, LevelSet levels) external;

    /// @notice Market only: binds `amount` of the free stake of the worker with this key to a job that it may take.
    /// Same answers and errors as `turnOf`, and `StakeTooLow`.
    function bind(
        address key,
        bytes32 versionId,
        Level level,
        uint256 place,
        uint256 maxPrice,
        uint256 amount
    ) external returns (uint24 workerId, uint24 drawn);

    /// @notice Market only: a job ended well.
    /// @return operator Who earns.
    function release(uint24 workerId, uint256 amount) external returns (address operator);

    /// @notice Market only: takes bound stake (never more than there is) and sends it to the market.
    /// @return taken What was sent.
    function slash(uint24 workerId, uint256 amount) external returns (uint256 taken);

    /// @notice Administrator, once: the market that may bind, release and slash.
    function setMarket(address market_) external;

    function workerOf(uint24 workerId) external view returns (Worker memory);

    /// @notice Who owns the worker and earns; zero if there is none.
    function operatorOf(uint24 workerId) external view returns (address);

    /// @notice Reverts with `WorkerUnknown`.
    function workerIdOf(address key) external view returns (uint24);

    /// @notice Least stake to register with, and to be drawn, in wei.
    function minimumStake() external view returns (uint256);

    /// @notice Seconds between `startUnbonding` and `withdrawStake`.
    function unbondingDelay() external view returns (uint256);

    /// @notice Zero until it is set.
    function market() external view returns (address);

    /// @notice Ids run from 1 to this.
    function workerCount() external view returns (uint24);

    function isServing(uint24 workerId, bytes32 versionId, Level level) external view returns (bool);

    /// @notice Reverts unless the worker with this key serves the version at the level and is not draining.
    function requireServing(address key, bytes32 versionId, Level level) external view returns (uint24 workerId);

    /// @notice Who may take a job: the worker with this key, which must serve and not drain, and the worker drawn at
    /// `place` (`type(uint256).max` for nobody), 0 as in `candidateAt`.
    function turnOf(
        address key,
        bytes32 versionId,
        Level level,
        uint256 place,
        uint256 maxPrice,
        uint256 jobStake
    ) external view returns (uint24 workerId, uint24 drawn);

    /// @notice Length of the append-only list of workers of a version and level, gaps included, and how many serve.
    function candidates(bytes32 versionId, Level level) external view returns (uint32 length, uint32 serving);

    /// @notice Worker at a place of that list that may be drawn: 0 if it left, drains, has less than the minimum stake,
    /// lacks `jobStake` of free stake or asks more than `maxPrice` per work unit.
    function candidateAt(
        bytes32 versionId,
        Level level,
        uint256 index,
        uint256 maxPrice,
        uint256 jobStake
    ) external view returns (uint24 workerId);
}
