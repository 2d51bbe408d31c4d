// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IStakeHolder} from "../../../contracts/interfaces/IStakeHolder.sol";
import {IWorkerRegistry} from "../../../contracts/interfaces/IWorkerRegistry.sol";

/// @dev Stands for the market or the anchors: says what it is told is bound, and takes what it slashes.
contract Holder is IStakeHolder {
    mapping(uint24 workerId => uint256) public override boundOf;

    receive() external payable {}

    function setBound(uint24 workerId, uint256 amount) external {
        boundOf[workerId] = amount;
    }

    function slash(IWorkerRegistry workers, uint24 workerId, uint256 amount) external {
        workers.slash(workerId, amount);
    }
}
