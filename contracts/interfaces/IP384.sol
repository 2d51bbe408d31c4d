// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice A number below 2^384.
struct Uint384 {
    uint128 high;
    uint256 low;
}

/// @notice A public key: both coordinates of a point.
struct P384Key {
    Uint384 x;
    Uint384 y;
}

/// @title ECDSA signatures on the curve P-384 (secp384r1, FIPS 186-5)
/// @notice Both signatures that differ in the sign of s are taken, as hardware makes either; so nothing may be
/// identified by the bytes of a signature.
interface IP384 {
    /// @notice Whether `r` and `s` sign `digest` under `key`. False, too, when a number is out of its range or the key
    /// is no point of the curve; reverts only when it runs out of gas.
    function isValid(
        Uint384 calldata digest,
        Uint384 calldata r,
        Uint384 calldata s,
        P384Key calldata key
    ) external view returns (bool);
}
