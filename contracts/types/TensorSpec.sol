// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice `Label` is an unsigned index into a list of labels; `Text` is UTF-8 of at most `shape[0]` bytes.
enum ElementKind {
    Uint,
    Int,
    Label,
    Text
}

/// @notice A tensor on chain: elements packed at `bits` each without gaps, big-endian two's complement, row-major,
/// zero-padded at the end to a whole byte. A real value is `integer / 10 ** decimals`.
struct TensorSpec {
    ElementKind kind;
    uint8 bits;
    uint8 decimals;
    uint32[] shape;
}

using TensorSpecLibrary for TensorSpec global;

library TensorSpecLibrary {
    uint256 private constant MAX_DECIMALS = 18;
    uint256 private constant MAX_BYTES = type(uint32).max;

    /// @notice Length of the packed tensor in bytes (for text, the longest); 0 if there can be no such tensor.
    function byteLength(TensorSpec calldata spec) internal pure returns (uint256) {
        uint256 bits = spec.bits;
        bool isPowerOfTwo = bits != 0 && bits & (bits - 1) == 0;
        if (!isPowerOfTwo || bits > 64 || spec.decimals > MAX_DECIMALS) return 0;
        if (spec.kind == ElementKind.Text && (bits != 8 || spec.shape.length != 1)) return 0;

        // Each factor is below 2^32 and the product is cut off at 2^35, so it cannot overflow.
        for (uint256 i = 0; i < spec.shape.length; ++i) {
            bits *= spec.shape[i];
            if (bits == 0 || bits > MAX_BYTES * 8) return 0;
        }
        return (bits + 7) / 8;
    }
}
