// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {LevelSet} from "../../contracts/types/Level.sol";
import {VersionTerms} from "../../contracts/types/Version.sol";

/// @dev A registry in which every version allows Vanilla alone, so that only a panel could judge its answers.
contract VanillaModels {
    function terms(bytes32) external pure returns (VersionTerms memory facts) {
        facts.workUnits = 1;
        facts.levels = LevelSet.wrap(1);
    }
}
