// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ISettings, MarketParameters} from "../interfaces/ISettings.sol";
import {MarketBase} from "./MarketBase.sol";

/// @title The little that an administrator may set
abstract contract Settings is ISettings, MarketBase {
    uint16 private constant MAX_PROTOCOL_FEE = 500;

    /// @inheritdoc ISettings
    function setPaused(bool paused_) external override restricted {
        _paused = paused_;
        emit PausedChanged(paused_);
    }

    /// @inheritdoc ISettings
    function setProtocolFee(uint16 basisPoints, address treasury_) external override restricted {
        if (basisPoints > MAX_PROTOCOL_FEE) {
            revert ParameterOutOfRange("basisPoints", basisPoints, MAX_PROTOCOL_FEE);
        }
        // What is credited to nobody is lost, and jobs that are open keep the share that they were asked with.
        if (treasury_ == address(0)) revert ParameterOutOfRange("treasury", 0, type(uint160).max);
        _feeBasisPoints = basisPoints;
        _treasury = treasury_;
        emit ProtocolFeeChanged(basisPoints, treasury_);
    }

    /// @inheritdoc ISettings
    function paused() external view override returns (bool) {
        return _paused;
    }

    /// @inheritdoc ISettings
    function protocolFeeBasisPoints() external view override returns (uint16) {
        return _feeBasisPoints;
    }

    /// @inheritdoc ISettings
    function treasury() external view override returns (address) {
        return _treasury;
    }

    /// @inheritdoc ISettings
    function parameters() external view override returns (MarketParameters memory) {
        return
            MarketParameters({
                priorityWindow: PRIORITY_WINDOW,
                evidenceWindow: EVIDENCE_WINDOW,
                revealWindow: REVEAL_WINDOW,
                minChallengeWindow: MIN_CHALLENGE_WINDOW,
                maxChallengeWindow: MAX_CHALLENGE_WINDOW,
                maxTimeToLive: MAX_TIME_TO_LIVE,
                maxCallbackGas: CALLBACK_GAS_LIMIT,
                jobStake: JOB_STAKE,
                challengeBond: CHALLENGE_BOND,
                missLimit: MISS_LIMIT
            });
    }
}
