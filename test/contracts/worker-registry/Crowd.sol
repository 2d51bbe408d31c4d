// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IWorkerRegistry} from "../../../contracts/interfaces/IWorkerRegistry.sol";
import {LevelSet} from "../../../contracts/types/Level.sol";

/// @dev Registers many workers, each with one ticket for Vanilla.
contract Crowd {
    function join(IWorkerRegistry workers, bytes32 versionId, uint256 count) external payable {
        uint256 stake = workers.minimumStake();
        uint256 had = workers.workerCount();
        for (uint256 i = 0; i < count; ++i) {
            address key = address(uint160(uint256(keccak256(abi.encode(had + i)))));
            uint24 workerId = workers.register{value: stake}(key, 1, stake);
            workers.serve(workerId, versionId, LevelSet.wrap(1));
        }
    }
}
