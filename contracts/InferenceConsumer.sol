// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IInferenceConsumer} from "./interfaces/IInferenceConsumer.sol";
import {IInferenceMarket} from "./interfaces/IInferenceMarket.sol";
import {CallbackAt, Request} from "./types/Job.sol";
import {Level} from "./types/Level.sol";

/// @title Safe base of contracts that ask for inferences
/// @notice Answers reach `_onAnswer` only from the market and only for jobs that this contract asked for: at most one
/// that is not final, and at most one that is. `_onRevocation` follows only an answer that was not final.
abstract contract InferenceConsumer is IInferenceConsumer {
    enum Asked {
        Never,
        Waiting,
        AnsweredEarly,
        Done
    }

    IInferenceMarket public immutable market;

    mapping(bytes32 jobId => Asked) private _asked;

    error CallerNotMarket(address caller);
    error JobUnexpected(bytes32 jobId);

    modifier onlyMarket() {
        if (msg.sender != address(market)) revert CallerNotMarket(msg.sender);
        _;
    }

    constructor(IInferenceMarket market_) {
        market = market_;
    }

    /// @inheritdoc IInferenceConsumer
    function onInference(bytes32 jobId, bytes calldata output, bool isFinal) external override onlyMarket {
        Asked asked = _asked[jobId];
        if (asked != Asked.Waiting && !(isFinal && asked == Asked.AnsweredEarly)) revert JobUnexpected(jobId);
        _asked[jobId] = isFinal ? Asked.Done : Asked.AnsweredEarly;
        _onAnswer(jobId, output, isFinal);
    }

    /// @inheritdoc IInferenceConsumer
    function onRevocation(bytes32 jobId) external override onlyMarket {
        if (_asked[jobId] != Asked.AnsweredEarly) revert JobUnexpected(jobId);
        _asked[jobId] = Asked.Done;
        _onRevocation(jobId);
    }

    /// @notice Asks for an inference with what suits most: called back once the answer is final, with 100,000 gas; the
    /// fee starts at half of `maxFee`; answered within an hour, so on markets that allow no hour use the other `_request`.
    /// `maxFee` is sent along, so on markets that are paid in an ERC-20, too, use the other `_request`, with no value.
    function _request(
        bytes32 versionId,
        Level level,
        bytes memory input,
        uint96 maxFee
    ) internal returns (bytes32 jobId) {
        Request memory req = Request({
            versionId: versionId,
            level: level,
            callbackAt: CallbackAt.Final,
            callbackGas: 100_000,
            minFee: maxFee / 2,
            maxFee: maxFee,
            timeToLive: 1 hours,
            challengeWindow: 0,
            copies: 1
        });
        return _request(req, input, maxFee);
    }

    /// @notice Asks for an inference. `value`, in the native coin, is sent along; the rest of the fee comes from this
    /// contract's account, into which anyone may `deposit`.
    function _request(Request memory req, bytes memory input, uint256 value) internal returns (bytes32 jobId) {
        jobId = market.request{value: value}(req, input);
        _asked[jobId] = Asked.Waiting;
    }

    /// @notice Takes money out of this contract's account, where refunds and what fees left over come back to. The
    /// market refuses it during a callback.
    function _withdraw(uint256 amount, address payable to) internal {
        market.withdraw(amount, to);
    }

    /// @notice What to do with an answer. It may still be revoked, or replaced by a final one, unless `isFinal`.
    function _onAnswer(bytes32 jobId, bytes calldata output, bool isFinal) internal virtual;

    /// @notice What to do when an answer that was not final turned out wrong or unproven.
    function _onRevocation(bytes32 jobId) internal virtual;
}
