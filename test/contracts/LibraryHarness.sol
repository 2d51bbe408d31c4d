// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Draw} from "../../contracts/libraries/Draw.sol";
import {Tensor} from "../../contracts/libraries/Tensor.sol";
import {TensorSpec} from "../../contracts/types/TensorSpec.sol";

/// @dev The internal libraries, callable from outside.
contract LibraryHarness {
    function packInt(int256[] calldata elements, uint256 bits) external pure returns (bytes memory) {
        return Tensor.packInt(elements, bits);
    }

    function packUint(uint256[] calldata elements, uint256 bits) external pure returns (bytes memory) {
        return Tensor.packUint(elements, bits);
    }

    function readInts(bytes calldata packed, uint256 count, uint256 bits) external pure returns (int256[] memory all) {
        all = new int256[](count);
        for (uint256 i = 0; i < count; ++i) all[i] = Tensor.readInt(packed, i, bits);
    }

    function readUints(
        bytes calldata packed,
        uint256 count,
        uint256 bits
    ) external pure returns (uint256[] memory all) {
        all = new uint256[](count);
        for (uint256 i = 0; i < count; ++i) all[i] = Tensor.readUint(packed, i, bits);
    }

    function byteLength(TensorSpec calldata spec) external pure returns (uint256) {
        return spec.byteLength();
    }

    function place(
        bytes32 blockHash,
        bytes32 jobId,
        uint256 attempt,
        uint256 candidates
    ) external pure returns (uint256) {
        return Draw.place(blockHash, jobId, attempt, candidates);
    }
}
