// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {VM, Vm} from "../Vm.sol";

/// @dev An event, as the runner tells it.
struct Log {
    bytes32[] topics;
    bytes data;
    address emitter;
}

/// @dev The cheat codes that only the tests of invariants use.
interface Cheats is Vm {
    function getCode(string calldata artifact) external view returns (bytes memory creation);
    function recordLogs() external;
    function getRecordedLogs() external returns (Log[] memory);
}

Cheats constant CHEATS = Cheats(address(VM));
