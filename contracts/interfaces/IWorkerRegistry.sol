// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Level, LevelSet} from "../types/Level.sol";
import {ICurrency} from "./ICurrency.sol";

/// @notice A worker: an identity with stake. The operator owns it and gets its earnings; the key acts for it.
struct Worker {
    // slot 0: all that a draw reads
    uint80 stake;
    /// Part of the stake that anchored receipts hold; the market counts for itself what its jobs bind.
    uint80 reserved;
    /// Per work unit, in the currency's smallest unit.
    uint80 price;
    bool draining;
    // slot 1
    address operator;
    /// When unbonding stake may be withdrawn; 0 when there is none.
    uint40 unbondingAt;
    // slot 2
    address key;
    /// Stake on its way out. It earns no tickets and binds nothing new, and can still be slashed.
    uint80 unbonding;
}

/// @notice What is at one place of a list of tickets.
struct Ticket {
    /// 0 if the ticket was given up.
    uint24 workerId;
    /// Which of the worker's tickets it is, from 0.
    uint8 index;
    /// Whether a draw of this place finds the worker.
    bool live;
}

/// @title Workers, their stake and what they serve
/// @notice Every minimum stake that a worker has gives it a ticket, up to eight, in the list of each version and level
/// that it serves. Tickets are only ever appended, so that a job which noted the length of a list finds the same places
/// again; a ticket is live while its worker serves, does not drain and still has the stake for it. Joining, leaving and
/// looking up cost the same with any number of workers.
/// @dev Invariant: a worker's stake and unbonding stake together cover all that open business binds. Stake is bound only
/// where it is neither bound nor unbonding; from then on it may unbond, but not be withdrawn.
interface IWorkerRegistry is ICurrency {
    event WorkerRegistered(uint24 indexed workerId, address indexed operator, address indexed key, uint80 price);
    event WorkerKeyChanged(uint24 indexed workerId, address indexed key);
    event PriceChanged(uint24 indexed workerId, uint80 price);
    event DrainingChanged(uint24 indexed workerId, bool draining);
    event StakeAdded(uint24 indexed workerId, uint256 amount);
    event UnbondingStarted(uint24 indexed workerId, uint256 amount, uint40 availableAt);
    event StakeWithdrawn(uint24 indexed workerId, uint256 amount, address to);
    event ServingChanged(uint24 indexed workerId, bytes32 indexed versionId, Level indexed level, uint8 tickets);
    event StakeReserved(uint24 indexed workerId, uint256 amount);
    event StakeFreed(uint24 indexed workerId, uint256 amount);
    event WorkerSlashed(uint24 indexed workerId, uint256 amount);
    event HoldersSet(address market, address anchors);

    error WorkerUnknown(address key);
    error WorkerIdUnknown(uint24 workerId);
    error NotOperator(uint24 workerId, address caller);
    /// @notice Only the market and the anchors may call this.
    error NotHolder(address caller);
    /// @notice The key is zero, or acts for a worker already.
    error KeyTaken(address key);
    error StakeTooLow(uint256 had, uint256 needed);
    /// @notice Open business holds `bound`; what would remain is less.
    error StakeStillBound(uint256 bound, uint256 remaining);
    error UnbondingNotOver(uint40 availableAt);
    error NothingUnbonding(uint24 workerId);
    error NotServing(uint24 workerId, bytes32 versionId, Level level);
    error LevelNotAllowed(bytes32 versionId, Level level);
    error HoldersAlreadySet(address market, address anchors);
    /// @notice Nobody serves before it is known who may slash: so a market finds no worker before that, and takes no
    /// request.
    error HoldersNotSet();
    /// @notice One of them is zero, or both are the same.
    error HoldersInvalid(address market, address anchors);
    error ParameterOutOfRange(string name, uint256 had, uint256 max);

    /// @notice Registers a worker owned by the caller with `stake`, at least `minimumStake`. The key need not consent:
    /// whoever runs one checks with `workerIdOf` and `workerOf` for whose worker it acts.
    function register(address key, uint80 price, uint256 stake) external payable returns (uint24 workerId);

    /// @notice The same with an ERC-20's permit of the caller for this contract.
    function registerWithPermit(
        address key,
        uint80 price,
        uint256 stake,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external returns (uint24 workerId);

    /// @notice Anyone may add to a worker's stake. Serve again to get the tickets for it.
    function addStake(uint24 workerId, uint256 amount) external payable;

    /// @notice Starts the delay after which stake can leave, bound stake included. A new call adds to the first amount and
    /// starts the delay again. Unbonding stake earns no tickets; until it is withdrawn it can be slashed.
    function startUnbonding(uint24 workerId, uint80 amount) external;

    /// @notice Takes out all that has unbonded. What open business holds must be covered by the rest: end that first.
    function withdrawStake(uint24 workerId, address payable to) external;

    /// @notice Makes another key act for the worker, for its open jobs, too. Evidence names the key that sends it:
    /// proofs must be made again for the new key, and it needs an enclave of its own.
    function setKey(uint24 workerId, address key) external;

    function setPrice(uint24 workerId, uint80 price) external;

    /// @notice A draining worker finishes its jobs and gets no new ones.
    function setDraining(uint24 workerId, bool draining) external;

    /// @notice Operator or key: adds and removes levels at which the worker serves a version, so that afterwards it
    /// serves exactly `levels`, with as many tickets as its stake is worth now: at least one, unless it serves none.
    /// It takes the places back that it ever had before it gets new ones.
    function serve(uint24 workerId, bytes32 versionId, LevelSet levels) external;

    /// @notice Anchors only: holds part of the stake that neither they nor the market hold already.
    function reserve(uint24 workerId, uint256 amount) external;

    /// @notice Anchors only: lets go of reserved stake.
    function unreserve(uint24 workerId, uint256 amount) external;

    /// @notice Market and anchors only: takes stake, unbonding stake last, and sends it to the caller. Anchors take no more
    /// than is reserved, and reserved it is no longer; the market takes no more than is not.
    /// @return taken What was sent: `amount`, or all that the caller may take.
    function slash(uint24 workerId, uint256 amount) external returns (uint256 taken);

    /// @notice Administrator, once: who may hold and slash stake. The market is an `IStakeHolder`; what anchors hold is
    /// what they reserve.
    function setHolders(address market, address anchors) external;

    function workerOf(uint24 workerId) external view returns (Worker memory);

    /// @notice Who owns the worker and earns; zero if there is none.
    function operatorOf(uint24 workerId) external view returns (address);

    /// @notice Reverts with `WorkerUnknown`.
    function workerIdOf(address key) external view returns (uint24);

    /// @notice Least stake to register with, to be drawn, and for each ticket, in the currency's smallest unit.
    function minimumStake() external view returns (uint256);

    /// @notice Seconds between `startUnbonding` and `withdrawStake`.
    function unbondingDelay() external view returns (uint256);

    /// @notice Zero until it is set.
    function market() external view returns (address);

    /// @notice Zero until it is set.
    function anchors() external view returns (address);

    /// @notice Ids run from 1 to this.
    function workerCount() external view returns (uint24);

    function isServing(uint24 workerId, bytes32 versionId, Level level) external view returns (bool);

    /// @notice Reverts unless the worker with this key serves the version at the level and is not draining.
    function requireServing(address key, bytes32 versionId, Level level) external view returns (uint24 workerId);

    /// @notice Tickets of which the worker's stake is worth now: one for each minimum stake, at most eight.
    function weightOf(uint24 workerId) external view returns (uint256);

    /// @notice Who acts and whose ticket is at `place`, in one call. Reverts like `requireServing` unless both are the same
    /// worker. `type(uint256).max` stands for no place at all.
    /// @return workerId The worker that acts.
    /// @return free Its stake that anchored receipts do not hold.
    /// @return drawn The worker whose live ticket is at the place; 0 if there is none.
    /// @return drawnPrice What that one asks per work unit.
    /// @return drawnFree Its stake that anchored receipts do not hold.
    function turnOf(
        address key,
        bytes32 versionId,
        Level level,
        uint256 place
    ) external view returns (uint24 workerId, uint80 free, uint24 drawn, uint80 drawnPrice, uint80 drawnFree);

    /// @notice How many places the append-only list of tickets of a version and level has, gaps included, and how many
    /// workers serve, draining and poor ones included.
    function candidates(bytes32 versionId, Level level) external view returns (uint32 places, uint32 serving);

    /// @notice What is at the places of a list from `start`, at most `limit`, for explorers.
    function ticketsOf(
        bytes32 versionId,
        Level level,
        uint256 start,
        uint256 limit
    ) external view returns (Ticket[] memory);

    /// @notice The worker whose live ticket is at a place, with price and unreserved stake; zeros if there is none.
    function candidateAt(
        bytes32 versionId,
        Level level,
        uint256 place
    ) external view returns (uint24 workerId, uint80 price, uint80 free);
}
