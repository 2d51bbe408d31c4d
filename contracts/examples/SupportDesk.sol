// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {InferenceConsumer} from "../InferenceConsumer.sol";
import {IInferenceMarket} from "../interfaces/IInferenceMarket.sol";
import {CallbackAt, Request} from "../types/Job.sol";
import {Level} from "../types/Level.sol";

/// @title Sorts questions of customers by a model's answer
contract SupportDesk is InferenceConsumer {
    struct Question {
        address from;
        uint8 label;
        bool isAnswered;
        bool isFinal;
    }

    bytes32 public immutable versionId;
    address payable public immutable owner;
    mapping(bytes32 jobId => Question) public questions;

    event Sorted(bytes32 indexed jobId, uint8 label, bool isFinal);
    event Reopened(bytes32 indexed jobId);

    constructor(IInferenceMarket market_, bytes32 versionId_) InferenceConsumer(market_) {
        versionId = versionId_;
        owner = payable(msg.sender);
    }

    /// @param features 128 packed bytes. The value sent is the highest fee.
    function ask(bytes calldata features, Level level) external payable returns (bytes32 jobId) {
        uint96 fee = uint96(msg.value);
        Request memory req = Request({
            versionId: versionId,
            level: level,
            callbackAt: CallbackAt.Executed,
            callbackGas: 80_000,
            minFee: fee / 2,
            maxFee: fee,
            timeToLive: 1 hours,
            challengeWindow: 0,
            copies: 1
        });
        jobId = _request(req, features, msg.value);
        questions[jobId].from = msg.sender;
    }

    /// @notice Refunds, and what the fees left over, go to the owner.
    function collect() external {
        _withdraw(market.balanceOf(address(this)), owner);
    }

    function _onAnswer(bytes32 jobId, bytes calldata output, bool isFinal) internal override {
        Question storage question = questions[jobId];
        (question.label, question.isAnswered, question.isFinal) = (uint8(output[0]), true, isFinal);
        emit Sorted(jobId, question.label, isFinal);
    }

    function _onRevocation(bytes32 jobId) internal override {
        questions[jobId].isAnswered = false;
        emit Reopened(jobId);
    }
}
