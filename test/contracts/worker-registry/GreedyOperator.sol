// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";

/// @dev An operator that withdraws again from inside the payment, or refuses it.
contract GreedyOperator {
    bool public refuses;
    bool public gotMore;
    bytes private _again;

    receive() external payable {
        require(!refuses, "refused");
        if (_again.length != 0) (gotMore, ) = msg.sender.call(_again);
    }

    function setRefuses(bool refuses_) external {
        refuses = refuses_;
    }

    function act(address target, bytes calldata call) external payable {
        Address.functionCallWithValue(target, call, msg.value);
    }

    function actTwice(address target, bytes calldata call) external {
        _again = call;
        Address.functionCall(target, call);
    }
}
