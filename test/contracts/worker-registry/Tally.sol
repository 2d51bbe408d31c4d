// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IWorkerRegistry} from "../../../contracts/interfaces/IWorkerRegistry.sol";
import {Level} from "../../../contracts/types/Level.sol";

/// @dev Draws places as the market does, by a hash modulo the length, and counts whom they find.
contract Tally {
    /// @return hits By worker id; of nobody, at 0.
    function draw(
        IWorkerRegistry workers,
        bytes32 versionId,
        uint256 firstSeed,
        uint256 draws
    ) external view returns (uint256[] memory hits) {
        hits = new uint256[](uint256(workers.workerCount()) + 1);
        (uint256 length, ) = workers.candidates(versionId, Level.Vanilla);
        for (uint256 seed = firstSeed; seed < firstSeed + draws; ++seed) {
            uint256 place = uint256(keccak256(abi.encode(seed))) % length;
            (uint24 workerId, , ) = workers.candidateAt(versionId, Level.Vanilla, place);
            ++hits[workerId];
        }
    }
}
