// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Packed tensors for Solidity authors
/// @notice Elements of 1, 2, 4, 8, 16, 32 or 64 bits without gaps, big-endian two's complement, row-major. Several
/// tensors follow one another, each starting on a byte: slice first, then read.
library Tensor {
    error ElementBits(uint256 bits);
    error ElementMissing(uint256 index, uint256 packedBytes);
    error ElementOutOfRange(uint256 index, int256 value, uint256 bits);

    /// @notice Packs signed elements. Reverts with `ElementOutOfRange`.
    function packInt(int256[] memory elements, uint256 bits) internal pure returns (bytes memory packed) {
        packed = _allocate(elements.length, bits);
        int256 limit = int256(1) << (bits - 1);
        for (uint256 i = 0; i < elements.length; ++i) {
            if (elements[i] < -limit || elements[i] >= limit) revert ElementOutOfRange(i, elements[i], bits);
            _write(packed, i, bits, uint256(elements[i]));
        }
    }

    /// @notice Packs unsigned elements or labels. Reverts with `ElementOutOfRange`.
    function packUint(uint256[] memory elements, uint256 bits) internal pure returns (bytes memory packed) {
        packed = _allocate(elements.length, bits);
        for (uint256 i = 0; i < elements.length; ++i) {
            if (elements[i] >> bits != 0) revert ElementOutOfRange(i, int256(elements[i]), bits);
            _write(packed, i, bits, elements[i]);
        }
    }

    /// @notice Element `index` of a packed unsigned tensor, or a label.
    function readUint(bytes calldata packed, uint256 index, uint256 bits) internal pure returns (uint256) {
        _checkBits(bits);
        uint256 start = index * bits;
        if (start + bits > packed.length * 8) revert ElementMissing(index, packed.length);
        // Elements narrower than a byte never cross one, wider ones start on one: 8 bytes from the first hold any.
        uint256 first = start / 8;
        uint256 last = first + 8 < packed.length ? first + 8 : packed.length;
        uint256 window = uint256(bytes32(packed[first:last]));
        return (window << (start % 8)) >> (256 - bits);
    }

    /// @notice Element `index` of a packed signed tensor.
    function readInt(bytes calldata packed, uint256 index, uint256 bits) internal pure returns (int256) {
        return (int256(readUint(packed, index, bits)) << (256 - bits)) >> (256 - bits);
    }

    function _allocate(uint256 elements, uint256 bits) private pure returns (bytes memory) {
        _checkBits(bits);
        return new bytes((elements * bits + 7) / 8);
    }

    function _checkBits(uint256 bits) private pure {
        if (bits == 0 || bits > 64 || bits & (bits - 1) != 0) revert ElementBits(bits);
    }

    /// @dev Bits above the element's width are cut off, which is what two's complement needs.
    function _write(bytes memory packed, uint256 index, uint256 bits, uint256 element) private pure {
        uint256 start = index * bits;
        if (bits < 8) {
            uint8 shifted = uint8((element & ((1 << bits) - 1)) << (8 - bits - (start % 8)));
            packed[start / 8] = bytes1(uint8(packed[start / 8]) | shifted);
            return;
        }
        for (uint256 shift = bits; shift != 0; shift -= 8)
            packed[(start + bits - shift) / 8] = bytes1(uint8(element >> (shift - 8)));
    }
}
