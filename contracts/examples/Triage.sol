// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {InferenceConsumer} from "../InferenceConsumer.sol";
import {IInferenceMarket} from "../interfaces/IInferenceMarket.sol";
import {Level} from "../types/Level.sol";

contract Triage is InferenceConsumer {
    bytes32 public immutable versionId; // pinned: nobody can swap the model under it
    mapping(bytes32 jobId => uint8 label) public labels;

    constructor(IInferenceMarket market_, bytes32 versionId_) InferenceConsumer(market_) {
        versionId = versionId_;
    }

    function ask(bytes calldata features) external payable returns (bytes32 jobId) {
        return _request(versionId, Level.Zkml, features, uint96(msg.value));
    }

    function _onAnswer(bytes32 jobId, bytes calldata output, bool) internal override {
        labels[jobId] = uint8(output[0]);
    }

    function _onRevocation(bytes32 jobId) internal override {
        delete labels[jobId];
    }
}
