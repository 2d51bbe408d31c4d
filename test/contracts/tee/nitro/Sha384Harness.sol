// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Uint384} from "../../../../contracts/interfaces/IP384.sol";
import {Sha384} from "../../../../contracts/tee/nitro/Sha384.sol";

/// @dev The hash, callable from outside.
contract Sha384Harness {
    function gasOf(bytes memory data) external view returns (uint256 gas) {
        gas = gasleft();
        Sha384.hash(data, 0, data.length);
        gas -= gasleft();
    }

    function hash(bytes memory data, uint256 from, uint256 to) external pure returns (bytes memory) {
        Uint384 memory digest = Sha384.hash(data, from, to);
        return abi.encodePacked(digest.high, digest.low);
    }

    /// @dev Whether what was in memory before and what is allocated after is left alone.
    function leavesMemoryAlone(bytes memory data) external pure returns (bool) {
        bytes32 before = keccak256(data);
        bytes32 first = _digest(data);
        bytes memory zeros = new bytes(4096);
        bytes32 second = _digest(data);
        return before == keccak256(data) && first == second && keccak256(zeros) == keccak256(new bytes(4096));
    }

    function _digest(bytes memory data) private pure returns (bytes32) {
        return keccak256(abi.encode(Sha384.hash(data, 0, data.length)));
    }
}
