// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title The BN254 precompiles, on memory
/// @notice Each checks that its points are on their curve (G2: in the subgroup) with canonical coordinates, and returns
/// false if not.
library Bn254 {
    uint256 internal constant PAIR_BYTES = 192;
    /// @dev Order of both groups and of the scalar field.
    uint256 internal constant ORDER = 21888242871839275222246405745257275088548364400416034343698204186575808495617;
    /// @dev Modulus of the base field.
    uint256 private constant MODULUS = 21888242871839275222246405745257275088696311157297823662689037894645226208583;

    /// @dev Addresses of the precompiles.
    uint256 private constant ADD = 6;
    uint256 private constant MULTIPLY = 7;
    uint256 private constant PAIRING = 8;
    /// @dev Twice what the precompiles cost since EIP-1108: they keep all gas that they are given when a point is bad.
    uint256 private constant ADD_GAS = 300;
    uint256 private constant MULTIPLY_GAS = 12_000;
    uint256 private constant PAIRING_GAS = 90_000;
    uint256 private constant PAIR_GAS = 68_000;

    /// @notice sum = the sum and the point after it.
    function add(uint256 sum) internal view returns (bool done) {
        assembly ("memory-safe") {
            done := staticcall(ADD_GAS, ADD, sum, 128, sum, 64)
        }
    }

    /// @notice target = scalar * point. The target is followed by 32 bytes of room. A scalar of 1 copies, unchecked.
    function setProduct(uint256 target, uint256 point, uint256 scalar) internal view returns (bool done) {
        assembly ("memory-safe") {
            mcopy(target, point, 64)
            done := 1
            if iszero(eq(scalar, 1)) {
                mstore(add(target, 64), scalar)
                done := staticcall(MULTIPLY_GAS, MULTIPLY, target, 96, target, 64)
            }
        }
    }

    /// @notice sum += scalar * point. The sum is followed by 96 bytes of room. A scalar of 0 adds nothing, unchecked.
    function addProduct(uint256 sum, uint256 point, uint256 scalar) internal view returns (bool done) {
        assembly ("memory-safe") {
            done := 1
            if scalar {
                let term := add(sum, 64)
                mcopy(term, point, 64)
                mstore(add(sum, 128), scalar)
                done := staticcall(MULTIPLY_GAS, MULTIPLY, term, 96, term, 64)
                done := and(staticcall(ADD_GAS, ADD, sum, 128, sum, 64), done)
            }
        }
    }

    /// @notice Whether the product of the pairings of `count` pairs of points is one.
    function pairingIsOne(uint256 pairs, uint256 count) internal view returns (bool one) {
        assembly ("memory-safe") {
            let limit := add(PAIRING_GAS, mul(count, PAIR_GAS))
            one := staticcall(limit, PAIRING, pairs, mul(count, PAIR_BYTES), 0, 32)
            one := and(one, eq(mload(0), 1))
        }
    }

    /// @notice point = -point. False at infinity, also under its second name (y = modulus); it is the only point with
    /// y = 0. What is no point comes out as none.
    function negate(uint256 point) internal pure returns (bool finite) {
        assembly ("memory-safe") {
            let y := sub(MODULUS, mload(add(point, 32)))
            mstore(add(point, 32), y)
            finite := lt(sub(y, 1), sub(MODULUS, 1))
        }
    }
}
