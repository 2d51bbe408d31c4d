// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";

import {IInferenceMarket, MarketParameters} from "../interfaces/IInferenceMarket.sol";

/// @title What is fixed at deployment, and the little that an administrator may set
abstract contract Settings is IInferenceMarket, AccessManaged {
    uint16 private constant MAX_PROTOCOL_FEE = 500;
    uint16 private constant BASIS_POINTS = 10_000;
    /// @dev Windows up to this keep every due date within 32 bits until the year 2105.
    uint32 private constant MAX_WINDOW = 90 days;
    uint32 private constant MAX_CALLBACK_GAS = 10_000_000;

    uint32 internal immutable PRIORITY_WINDOW;
    uint32 internal immutable EVIDENCE_WINDOW;
    uint32 internal immutable MIN_CHALLENGE_WINDOW;
    uint32 internal immutable MAX_TIME_TO_LIVE;
    uint32 internal immutable CALLBACK_GAS_LIMIT;
    uint96 internal immutable JOB_STAKE;
    uint96 internal immutable CHALLENGE_BOND;

    // One slot.
    bool public override paused;
    uint16 public override protocolFeeBasisPoints;
    address public override treasury;

    constructor(MarketParameters memory fixedParameters) {
        PRIORITY_WINDOW = _window("priorityWindow", fixedParameters.priorityWindow);
        EVIDENCE_WINDOW = _window("evidenceWindow", fixedParameters.evidenceWindow);
        MAX_TIME_TO_LIVE = _window("maxTimeToLive", fixedParameters.maxTimeToLive);
        MIN_CHALLENGE_WINDOW = _window("minChallengeWindow", fixedParameters.minChallengeWindow);
        if (PRIORITY_WINDOW >= MAX_TIME_TO_LIVE) {
            revert ParameterOutOfRange("priorityWindow", PRIORITY_WINDOW, MAX_TIME_TO_LIVE - 1);
        }
        if (MIN_CHALLENGE_WINDOW > MAX_TIME_TO_LIVE) {
            revert ParameterOutOfRange("minChallengeWindow", MIN_CHALLENGE_WINDOW, MAX_TIME_TO_LIVE);
        }
        CALLBACK_GAS_LIMIT = fixedParameters.maxCallbackGas;
        if (CALLBACK_GAS_LIMIT > MAX_CALLBACK_GAS) {
            revert ParameterOutOfRange("maxCallbackGas", CALLBACK_GAS_LIMIT, MAX_CALLBACK_GAS);
        }
        JOB_STAKE = _atStake("jobStake", fixedParameters.jobStake);
        CHALLENGE_BOND = _atStake("challengeBond", fixedParameters.challengeBond);
    }

    /// @inheritdoc IInferenceMarket
    function setPaused(bool paused_) external override restricted {
        paused = paused_;
        emit PausedChanged(paused_);
    }

    /// @inheritdoc IInferenceMarket
    function setProtocolFee(uint16 basisPoints, address treasury_) external override restricted {
        if (basisPoints > MAX_PROTOCOL_FEE) {
            revert ParameterOutOfRange("basisPoints", basisPoints, MAX_PROTOCOL_FEE);
        }
        // What is credited to nobody is lost.
        if (basisPoints != 0 && treasury_ == address(0)) revert ParameterOutOfRange("treasury", 0, type(uint160).max);
        protocolFeeBasisPoints = basisPoints;
        treasury = treasury_;
        emit ProtocolFeeChanged(basisPoints, treasury_);
    }

    /// @inheritdoc IInferenceMarket
    function parameters() external view override returns (MarketParameters memory) {
        return
            MarketParameters({
                priorityWindow: PRIORITY_WINDOW,
                evidenceWindow: EVIDENCE_WINDOW,
                minChallengeWindow: MIN_CHALLENGE_WINDOW,
                maxTimeToLive: MAX_TIME_TO_LIVE,
                maxCallbackGas: CALLBACK_GAS_LIMIT,
                jobStake: JOB_STAKE,
                challengeBond: CHALLENGE_BOND
            });
    }

    /// @notice The protocol's part of a fee, rounded down; it never touches the royalty.
    function _protocolFee(uint256 fee, uint256 royalty) internal view returns (uint256) {
        uint256 share = (fee * protocolFeeBasisPoints) / BASIS_POINTS;
        return share < fee - royalty ? share : fee - royalty;
    }

    function _window(string memory name, uint32 window) private pure returns (uint32) {
        if (window == 0 || window > MAX_WINDOW) revert ParameterOutOfRange(name, window, MAX_WINDOW);
        return window;
    }

    /// @dev Not zero, or wrong answers and vain challenges would cost nothing; and no more than a stake can be.
    function _atStake(string memory name, uint96 amount) private pure returns (uint96) {
        if (amount == 0 || amount > type(uint80).max) revert ParameterOutOfRange(name, amount, type(uint80).max);
        return amount;
    }
}
