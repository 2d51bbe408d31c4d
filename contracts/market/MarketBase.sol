// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import {IEvidenceVerifier} from "../interfaces/IEvidenceVerifier.sol";
import {IModelRegistry} from "../interfaces/IModelRegistry.sol";
import {ISettings, MarketParameters} from "../interfaces/ISettings.sol";
import {IWorkerRegistry} from "../interfaces/IWorkerRegistry.sol";
import {Round} from "../types/Round.sol";
import {Challenge} from "../types/JobStatus.sol";
import {Currency} from "./Currency.sol";

/// @notice The contracts that a market works with.
struct MarketParts {
    IModelRegistry models;
    IWorkerRegistry workers;
    IEvidenceVerifier teeVerifier;
    IEvidenceVerifier zkmlVerifier;
    IERC20 currency;
    address authority;
}

/// @title Storage and constants that all parts of a market share
/// @dev Each inherits this and nothing that has storage besides, so that a slot means the same to all. They are made with
/// the same parameters; each checks that of the next, see `Extended`.
abstract contract MarketBase is AccessManaged, Currency, EIP712, ReentrancyGuardTransient {
    struct Account {
        /// All the money there is fits, so sums of balances cannot overflow.
        uint192 balance;
        uint64 nonce;
    }

    /// @notice Windows in which only a drawn worker may act.
    uint256 internal constant PRIORITY_WINDOWS = 2;
    /// @dev Windows up to this keep every due date within 32 bits until the year 2105.
    uint32 private constant MAX_WINDOW = 90 days;
    uint32 private constant MAX_CALLBACK_GAS = 10_000_000;

    IModelRegistry internal immutable MODELS;
    IWorkerRegistry internal immutable WORKERS;
    IEvidenceVerifier internal immutable TEE_VERIFIER;
    IEvidenceVerifier internal immutable ZKML_VERIFIER;

    uint32 internal immutable PRIORITY_WINDOW;
    uint32 internal immutable EVIDENCE_WINDOW;
    uint32 internal immutable REVEAL_WINDOW;
    uint32 internal immutable MIN_CHALLENGE_WINDOW;
    uint32 internal immutable MAX_CHALLENGE_WINDOW;
    uint32 internal immutable MAX_TIME_TO_LIVE;
    uint32 internal immutable CALLBACK_GAS_LIMIT;
    uint80 internal immutable JOB_STAKE;
    uint80 internal immutable CHALLENGE_BOND;
    uint8 internal immutable MISS_LIMIT;

    // One slot: who may set these, and what they are.
    bool internal _paused;
    uint16 internal _feeBasisPoints;
    address internal _treasury;

    mapping(bytes32 jobId => uint256 packed) internal _statuses;
    mapping(bytes32 jobId => Challenge) internal _challenges;
    mapping(address => Account) internal _accounts;
    mapping(address account => mapping(address consumer => uint256)) internal _allowances;
    mapping(uint24 workerId => uint256 packed) internal _standings;
    mapping(bytes32 roundId => Round) internal _rounds;
    mapping(bytes32 roundId => mapping(uint256 seat => uint256 packed)) internal _seats;
    /// @dev Kept from a panel's first commitment on, because the chain forgets block hashes.
    mapping(bytes32 roundId => bytes32) internal _panelSeeds;
    mapping(address requester => mapping(uint256 word => uint256 bits)) internal _usedNonces;

    constructor(
        MarketParameters memory chosen,
        MarketParts memory parts
    ) AccessManaged(parts.authority) Currency(parts.currency) EIP712("Assay", "1") {
        MODELS = parts.models;
        WORKERS = parts.workers;
        TEE_VERIFIER = parts.teeVerifier;
        ZKML_VERIFIER = parts.zkmlVerifier;

        PRIORITY_WINDOW = _window("priorityWindow", chosen.priorityWindow);
        EVIDENCE_WINDOW = _window("evidenceWindow", chosen.evidenceWindow);
        REVEAL_WINDOW = _window("revealWindow", chosen.revealWindow);
        MAX_CHALLENGE_WINDOW = _window("maxChallengeWindow", chosen.maxChallengeWindow);
        MIN_CHALLENGE_WINDOW = _window("minChallengeWindow", chosen.minChallengeWindow);
        MAX_TIME_TO_LIVE = _window("maxTimeToLive", chosen.maxTimeToLive);
        _atMost("minChallengeWindow", chosen.minChallengeWindow, chosen.maxChallengeWindow);
        _atMost("priorityWindow", PRIORITY_WINDOWS * chosen.priorityWindow, uint256(chosen.maxTimeToLive) - 1);
        CALLBACK_GAS_LIMIT = chosen.maxCallbackGas;
        _atMost("maxCallbackGas", chosen.maxCallbackGas, MAX_CALLBACK_GAS);
        // Not zero, or wrong answers, vain challenges and missed turns would cost nothing.
        JOB_STAKE = chosen.jobStake;
        if (chosen.jobStake == 0) revert ISettings.ParameterOutOfRange("jobStake", 0, type(uint80).max);
        CHALLENGE_BOND = chosen.challengeBond;
        if (chosen.challengeBond == 0) revert ISettings.ParameterOutOfRange("challengeBond", 0, type(uint80).max);
        MISS_LIMIT = chosen.missLimit;
        if (chosen.missLimit == 0) revert ISettings.ParameterOutOfRange("missLimit", 0, type(uint8).max);
    }

    /// @notice Seconds from a request on in which only drawn workers may act, for the least fee.
    function _priority() internal view returns (uint256) {
        return PRIORITY_WINDOWS * PRIORITY_WINDOW;
    }

    function _dueIn(uint32 window) internal view returns (uint32) {
        return uint32(block.timestamp + window);
    }

    function _window(string memory name, uint32 window) private pure returns (uint32) {
        if (window == 0 || window > MAX_WINDOW) revert ISettings.ParameterOutOfRange(name, window, MAX_WINDOW);
        return window;
    }

    function _atMost(string memory name, uint256 had, uint256 max) private pure {
        if (had > max) revert ISettings.ParameterOutOfRange(name, had, max);
    }
}
