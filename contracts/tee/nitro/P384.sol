// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IP384, P384Key, Uint384} from "../../interfaces/IP384.sol";
import {P384Table} from "./P384Table.sol";

/// @title Verifies ECDSA signatures on P-384 without a precompile for the curve
/// @dev Numbers modulo p are kept as four residues, modulo W = 2^240 and
///
///   M2 = W - 1,  M3 = W - 3,  M4 = W + 1,
///
/// because MULMOD is cheap, and residues neither carry nor borrow. Sums, differences and products are taken for each
/// residue alone; then `reduce` brings the number x that they stand for to
///
///   r = (M3 * M4)^-1 * (-4x + q * p),  q = M4 * u + M3 * v,  u and v such that the division leaves no rest,
///
/// with M3 < u <= 2 * M3 and 0 <= v < M4: Montgomery's reduction with the radix M3 * M4. Modulo W and M2, r follows
/// from u, v and x; from these two, r = r0 + W * t with t = r - r0 modulo M2, because W is 1 there and t is below M2;
/// and from t the residues modulo M3 and M4, where W is 3 and -1.
///
/// Ranges: for |x| < 2^850 it is 0 < r < 4p and t < 2^147. What is reduced here is a sum of at most a dozen products
/// of sums of a few reduced numbers, so below 2^790, and may be negative. Of the residues of a reduced number each is
/// below 2^242; those modulo W may be any words, of which the low 240 bits count; the others must neither exceed
/// 2^255 nor go below zero before they are reduced, so that the multiples N2, N3 and N4 of the moduli, near 2^250, are
/// added before anything is subtracted.
///
/// The whole computation has fixed addresses in memory, and returns from the call by itself.
contract P384 is IP384 {
    // p = 2^384 - 2^128 - 2^96 + 2^32 - 1 and the order n of the curve, high and low.
    uint256 private constant P_HIGH = 0xffffffffffffffffffffffffffffffff;
    uint256 private constant P_LOW = 0xfffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffff;
    uint256 private constant N_HIGH = 0xffffffffffffffffffffffffffffffff;
    uint256 private constant N_LOW = 0xffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973;
    uint256 private constant P_LESS_N = 0x389cb27e0bc8d21fa7e5f24cb74f58851313e696333ad68c;

    // The moduli, and multiples of them.
    uint256 private constant M2 = 0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff;
    uint256 private constant M3 = 0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffffffd;
    uint256 private constant M4 = 0x1000000000000000000000000000000000000000000000000000000000001;
    uint256 private constant N2 = 0x03fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc00;
    uint256 private constant N3 = 0x03fffffffffffffffffffffffffffffffffffffffffffffffffffffffffff400;
    uint256 private constant N4 = 0x0400000000000000000000000000000000000000000000000000000000000400;

    // What `reduce` multiplies by: -1/p modulo M3 and M4; 4/3, p/3, p and 2p modulo W; p/2 modulo M2; M2 + 2p modulo M2.
    uint256 private constant K3 = 0xe4f9c4e2ef2564e0b39420b3d70a8abbeb333d5b62b32dd28fc8efac9125;
    uint256 private constant K4 = 0x37341a160aeb75afd7f67b2512ce672090613087c3f178b85c351ab15892;
    uint256 private constant A0 = 0xaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac;
    uint256 private constant B0 = 0xaaaaaaaaaaaaaaaaaaaaaaaaaaaa55555555000000000000000055555555;
    uint256 private constant C0 = 0xfffffffffffffffffffffffffffeffffffff0000000000000000ffffffff;
    uint256 private constant D0 = 0xfffffffffffffffffffffffffffdfffffffe0000000000000001fffffffe;
    uint256 private constant H2 = 0x8000000000000000000000007fff7fffffff80000000000000007fffffff;
    uint256 private constant C2 = 0x1000000000000000000000001fffdfffffffe0000000000000001fffffffd;

    // The residues of p less 1, times what `reduce` divides by: what brings a reduced number to where products are, and
    // changes its sign.
    uint256 private constant O0 = 0x8000400000003fffffffffffffff8000000000000000000000003fffffff;
    uint256 private constant O2 = 0x8000400000004000000000003fff8000000000000000000000003ffffffe;
    uint256 private constant O3 = 0x800040000000400000000000bfff8000000000000000000000003ffffffc;
    uint256 private constant O4 = 0x18000400000003fffffffffffbfff80000000000000000000000040000001;

    // 1, the b of the curve, and the square of 1, all times what `reduce` divides by.
    uint256 private constant ONE_HIGH = 0xc0000000000000000000000000000000;
    uint256 private constant ONE_LOW = 0x7fffbfffffffbfffffffffffffff7fffffff0000000000000000c0000000;
    uint256 private constant CURVE_HIGH = 0x8252185c657c6abf41da7401a81c684c;
    uint256 private constant CURVE_LOW = 0xa2b49b4b567a312c3862e074c5659a6d7fc45064ba238698119c88b135adffc0;
    uint256 private constant SQUARE_HIGH = 0xa0003fffdfffc0000000000020000000;
    uint256 private constant SQUARE_LOW = 0x1000bfffbfffbfffffff80002fffbfffb0003fff3fffffffefffc000b0000000;

    // Where things are in memory, after the table of the base point. A number takes 0x80 bytes, a word for each of its
    // residues modulo W, M2, M3 and M4.
    uint256 private constant X = 0x1000; // the sum so far, in Jacobian coordinates
    uint256 private constant Y = 0x1080;
    uint256 private constant Z = 0x1100;
    uint256 private constant INFINITE = 0x1180; // whether that is the point at infinity
    uint256 private constant A = 0x1200; // numbers on the way
    uint256 private constant B = 0x1280;
    uint256 private constant C = 0x1300;
    uint256 private constant D = 0x1380;
    uint256 private constant E = 0x1400;
    uint256 private constant F = 0x1480;
    uint256 private constant G = 0x1500;
    uint256 private constant ONE = 0x1600;
    uint256 private constant SQUARE = 0x1680;
    uint256 private constant CURVE = 0x1700;
    // Points to add take 0x280 bytes: x, y, z, the square of z and its cube; with z = 1 the last two are not read.
    uint256 private constant BASE = 0x1800;
    uint256 private constant TWICE = 0x1b00;
    uint256 private constant MULTIPLES = 0x2000; // of the key: 1, 3, 5 up to 15 times
    uint256 private constant KEY_DIGITS = 0x3400;
    uint256 private constant BASE_DIGITS = 0x3600;
    uint256 private constant MODEXP = 0x3800; // what the precompile reads

    /// @inheritdoc IP384
    // Functions of assembly must be where they are used.
    // solhint-disable-next-line function-max-lines
    function isValid(
        Uint384 calldata digest,
        Uint384 calldata r,
        Uint384 calldata s,
        P384Key calldata key
    ) external view override returns (bool) {
        bytes memory table = P384Table.ODD_MULTIPLES;
        assembly {
            function isBelow(high, low, limitHigh, limitLow) -> yes {
                yes := or(lt(high, limitHigh), and(eq(high, limitHigh), lt(low, limitLow)))
            }

            function load(at) -> high, low {
                high := calldataload(at)
                low := calldataload(add(at, 0x20))
            }

            function fail() {
                mstore(0, 0)
                return(0, 0x20)
            }

            // Numbers modulo p.

            function reduce(to, x0, x2, x3, x4) {
                x3 := mulmod(x3, K3, M3)
                x4 := mulmod(x4, K4, M4)
                x0 := and(add(add(mul(x0, A0), mul(x3, B0)), add(mul(x4, C0), D0)), M2)
                let t := addmod(add(x2, mulmod(add(x3, x4), H2, M2)), sub(C2, x0), M2)
                mstore(to, x0)
                mstore(add(to, 0x20), add(x0, t))
                mstore(add(to, 0x40), add(x0, mul(3, t)))
                mstore(add(to, 0x60), sub(add(x0, M4), t))
            }

            function multiply(to, a, b) {
                reduce(
                    to,
                    mul(mload(a), mload(b)),
                    mulmod(mload(add(a, 0x20)), mload(add(b, 0x20)), M2),
                    mulmod(mload(add(a, 0x40)), mload(add(b, 0x40)), M3),
                    mulmod(mload(add(a, 0x60)), mload(add(b, 0x60)), M4)
                )
            }

            function put(to, high, low) {
                let x0 := and(low, M2)
                let t := or(shl(16, high), shr(240, low))
                mstore(to, x0)
                mstore(add(to, 0x20), add(x0, t))
                mstore(add(to, 0x40), add(x0, mul(3, t)))
                mstore(add(to, 0x60), sub(add(x0, M4), t))
            }

            // A reduced number is 0 modulo p only as p, 2p or 3p, of which the upper parts are 2^144 - 1 and so on.
            function isZero(at) -> yes {
                let t := add(sub(mload(add(at, 0x20)), mload(at)), 1)
                if shl(112, t) {
                    leave
                }
                yes := eq(mload(at), and(mul(shr(144, t), C0), M2))
            }

            // The point at X, Y, Z. It is never of order 2, so that twice it is never infinite.

            function twice() {
                // A = z^2, C = 3 (x - A) (x + A), B = y^2
                reduce(
                    A,
                    mul(mload(Z), mload(Z)),
                    mulmod(mload(add(Z, 0x20)), mload(add(Z, 0x20)), M2),
                    mulmod(mload(add(Z, 0x40)), mload(add(Z, 0x40)), M3),
                    mulmod(mload(add(Z, 0x60)), mload(add(Z, 0x60)), M4)
                )
                reduce(
                    C,
                    mul(3, mul(sub(mload(X), mload(A)), add(mload(X), mload(A)))),
                    mul(
                        3,
                        mulmod(
                            sub(add(mload(add(X, 0x20)), N2), mload(add(A, 0x20))),
                            add(mload(add(X, 0x20)), mload(add(A, 0x20))),
                            M2
                        )
                    ),
                    mul(
                        3,
                        mulmod(
                            sub(add(mload(add(X, 0x40)), N3), mload(add(A, 0x40))),
                            add(mload(add(X, 0x40)), mload(add(A, 0x40))),
                            M3
                        )
                    ),
                    mul(
                        3,
                        mulmod(
                            sub(add(mload(add(X, 0x60)), N4), mload(add(A, 0x60))),
                            add(mload(add(X, 0x60)), mload(add(A, 0x60))),
                            M4
                        )
                    )
                )
                reduce(
                    B,
                    mul(mload(Y), mload(Y)),
                    mulmod(mload(add(Y, 0x20)), mload(add(Y, 0x20)), M2),
                    mulmod(mload(add(Y, 0x40)), mload(add(Y, 0x40)), M3),
                    mulmod(mload(add(Y, 0x60)), mload(add(Y, 0x60)), M4)
                )
                // D = 4 x B
                reduce(
                    D,
                    mul(mload(X), shl(2, mload(B))),
                    mulmod(mload(add(X, 0x20)), shl(2, mload(add(B, 0x20))), M2),
                    mulmod(mload(add(X, 0x40)), shl(2, mload(add(B, 0x40))), M3),
                    mulmod(mload(add(X, 0x60)), shl(2, mload(add(B, 0x60))), M4)
                )
                // z := 2 y z
                reduce(
                    Z,
                    mul(mload(Y), shl(1, mload(Z))),
                    mulmod(mload(add(Y, 0x20)), shl(1, mload(add(Z, 0x20))), M2),
                    mulmod(mload(add(Y, 0x40)), shl(1, mload(add(Z, 0x40))), M3),
                    mulmod(mload(add(Y, 0x60)), shl(1, mload(add(Z, 0x60))), M4)
                )
                // x := C^2 - 2 D
                reduce(
                    X,
                    add(mul(mload(C), mload(C)), mul(shl(1, mload(D)), O0)),
                    add(
                        mulmod(mload(add(C, 0x20)), mload(add(C, 0x20)), M2),
                        mulmod(shl(1, mload(add(D, 0x20))), O2, M2)
                    ),
                    add(
                        mulmod(mload(add(C, 0x40)), mload(add(C, 0x40)), M3),
                        mulmod(shl(1, mload(add(D, 0x40))), O3, M3)
                    ),
                    add(
                        mulmod(mload(add(C, 0x60)), mload(add(C, 0x60)), M4),
                        mulmod(shl(1, mload(add(D, 0x60))), O4, M4)
                    )
                )
                // y := C (D - x) - 8 B^2
                reduce(
                    Y,
                    sub(mul(mload(C), sub(mload(D), mload(X))), shl(3, mul(mload(B), mload(B)))),
                    add(
                        mulmod(mload(add(C, 0x20)), sub(add(mload(add(D, 0x20)), N2), mload(add(X, 0x20))), M2),
                        sub(N2, shl(3, mulmod(mload(add(B, 0x20)), mload(add(B, 0x20)), M2)))
                    ),
                    add(
                        mulmod(mload(add(C, 0x40)), sub(add(mload(add(D, 0x40)), N3), mload(add(X, 0x40))), M3),
                        sub(N3, shl(3, mulmod(mload(add(B, 0x40)), mload(add(B, 0x40)), M3)))
                    ),
                    add(
                        mulmod(mload(add(C, 0x60)), sub(add(mload(add(D, 0x60)), N4), mload(add(X, 0x60))), M4),
                        sub(N4, shl(3, mulmod(mload(add(B, 0x60)), mload(add(B, 0x60)), M4)))
                    )
                )
            }

            // Adds the point at `at`, or subtracts it; `isAffine` when its z is 1.
            function plus(at, isNegative, isAffine) {
                let y0 := mload(add(at, 0x80))
                let y2 := mload(add(at, 0xa0))
                let y3 := mload(add(at, 0xc0))
                let y4 := mload(add(at, 0xe0))
                if isNegative {
                    y0 := sub(0, y0)
                    y2 := sub(N2, y2)
                    y3 := sub(N3, y3)
                    y4 := sub(N4, y4)
                }
                if mload(INFINITE) {
                    mstore(INFINITE, 0)
                    mcopy(X, at, 0x80)
                    mstore(Y, y0)
                    mstore(add(Y, 0x20), y2)
                    mstore(add(Y, 0x40), y3)
                    mstore(add(Y, 0x60), y4)
                    mcopy(Z, add(at, 0x100), 0x80)
                    leave
                }

                // A = z^2, B = z A = z^3
                multiply(A, Z, Z)
                multiply(B, Z, A)
                // Both x and both y over the same denominator. U and V are those of the sum so far.
                let u := X
                let v := Y
                let w := Z
                if iszero(isAffine) {
                    multiply(F, X, add(at, 0x180))
                    multiply(G, Y, add(at, 0x200))
                    multiply(E, Z, add(at, 0x100))
                    u := F
                    v := G
                    w := E
                }
                // D = y B - v
                reduce(
                    D,
                    add(mul(y0, mload(B)), mul(mload(v), O0)),
                    add(mulmod(y2, mload(add(B, 0x20)), M2), mulmod(mload(add(v, 0x20)), O2, M2)),
                    add(mulmod(y3, mload(add(B, 0x40)), M3), mulmod(mload(add(v, 0x40)), O3, M3)),
                    add(mulmod(y4, mload(add(B, 0x60)), M4), mulmod(mload(add(v, 0x60)), O4, M4))
                )
                // C = x A - u
                reduce(
                    C,
                    add(mul(mload(at), mload(A)), mul(mload(u), O0)),
                    add(mulmod(mload(add(at, 0x20)), mload(add(A, 0x20)), M2), mulmod(mload(add(u, 0x20)), O2, M2)),
                    add(mulmod(mload(add(at, 0x40)), mload(add(A, 0x40)), M3), mulmod(mload(add(u, 0x40)), O3, M3)),
                    add(mulmod(mload(add(at, 0x60)), mload(add(A, 0x60)), M4), mulmod(mload(add(u, 0x60)), O4, M4))
                )
                if isZero(C) {
                    switch isZero(D)
                    case 0 {
                        mstore(INFINITE, 1)
                    }
                    default {
                        twice()
                    }
                    leave
                }

                // A = C^2, B = C^3, F = u A
                multiply(A, C, C)
                multiply(B, C, A)
                multiply(F, u, A)
                // x := D^2 - B - 2 F
                reduce(
                    X,
                    add(mul(mload(D), mload(D)), mul(add(mload(B), shl(1, mload(F))), O0)),
                    add(
                        mulmod(mload(add(D, 0x20)), mload(add(D, 0x20)), M2),
                        mulmod(add(mload(add(B, 0x20)), shl(1, mload(add(F, 0x20)))), O2, M2)
                    ),
                    add(
                        mulmod(mload(add(D, 0x40)), mload(add(D, 0x40)), M3),
                        mulmod(add(mload(add(B, 0x40)), shl(1, mload(add(F, 0x40)))), O3, M3)
                    ),
                    add(
                        mulmod(mload(add(D, 0x60)), mload(add(D, 0x60)), M4),
                        mulmod(add(mload(add(B, 0x60)), shl(1, mload(add(F, 0x60)))), O4, M4)
                    )
                )
                // y := D (F - x) - v B
                reduce(
                    Y,
                    sub(mul(mload(D), sub(mload(F), mload(X))), mul(mload(v), mload(B))),
                    add(
                        mulmod(mload(add(D, 0x20)), sub(add(mload(add(F, 0x20)), N2), mload(add(X, 0x20))), M2),
                        sub(N2, mulmod(mload(add(v, 0x20)), mload(add(B, 0x20)), M2))
                    ),
                    add(
                        mulmod(mload(add(D, 0x40)), sub(add(mload(add(F, 0x40)), N3), mload(add(X, 0x40))), M3),
                        sub(N3, mulmod(mload(add(v, 0x40)), mload(add(B, 0x40)), M3))
                    ),
                    add(
                        mulmod(mload(add(D, 0x60)), sub(add(mload(add(F, 0x60)), N4), mload(add(X, 0x60))), M4),
                        sub(N4, mulmod(mload(add(v, 0x60)), mload(add(B, 0x60)), M4))
                    )
                )
                // z := w C
                multiply(Z, w, C)
            }

            // Keeps the point as one of those to add.
            function keep(at) {
                mcopy(at, X, 0x80)
                mcopy(add(at, 0x80), Y, 0x80)
                mcopy(add(at, 0x100), Z, 0x80)
                multiply(add(at, 0x180), Z, Z)
                multiply(add(at, 0x200), Z, add(at, 0x180))
            }

            // Whether x is this number times A.
            function matches(high, low) -> yes {
                put(B, high, low)
                multiply(B, B, SQUARE)
                multiply(B, B, A)
                reduce(
                    B,
                    sub(mload(X), mload(B)),
                    sub(add(mload(add(X, 0x20)), N2), mload(add(B, 0x20))),
                    sub(add(mload(add(X, 0x40)), N3), mload(add(B, 0x40))),
                    sub(add(mload(add(X, 0x60)), N4), mload(add(B, 0x60)))
                )
                yes := isZero(B)
            }

            // Numbers modulo n. What the precompile is called with never fails but for want of gas.

            function modexp(size) -> high, low {
                if iszero(staticcall(gas(), 5, MODEXP, size, MODEXP, 48)) {
                    revert(0, 0)
                }
                high := shr(128, mload(MODEXP))
                low := mload(add(MODEXP, 16))
            }

            // The inverse, by Fermat: to the power of n - 2.
            function inverse(a1, a0) -> high, low {
                mstore(MODEXP, 48)
                mstore(add(MODEXP, 32), 48)
                mstore(add(MODEXP, 64), 48)
                mstore(add(MODEXP, 96), shl(128, a1))
                mstore(add(MODEXP, 112), a0)
                mstore(add(MODEXP, 144), shl(128, N_HIGH))
                mstore(add(MODEXP, 160), sub(N_LOW, 2))
                mstore(add(MODEXP, 192), shl(128, N_HIGH))
                mstore(add(MODEXP, 208), N_LOW)
                high, low := modexp(240)
            }

            // The product, of three words, to the power of 1.
            function product(a1, a0, b1, b0) -> high, low {
                let p0, p1 := wide(a0, b0)
                let c0, c1 := wide(a0, b1)
                let d0, d1 := wide(a1, b0)
                p1 := add(p1, c0)
                c1 := add(c1, lt(p1, c0))
                p1 := add(p1, d0)
                d1 := add(d1, lt(p1, d0))
                mstore(MODEXP, 96)
                mstore(add(MODEXP, 32), 1)
                mstore(add(MODEXP, 64), 48)
                mstore(add(MODEXP, 96), add(mul(a1, b1), add(c1, d1)))
                mstore(add(MODEXP, 128), p1)
                mstore(add(MODEXP, 160), p0)
                mstore8(add(MODEXP, 192), 1)
                mstore(add(MODEXP, 193), shl(128, N_HIGH))
                mstore(add(MODEXP, 209), N_LOW)
                high, low := modexp(241)
            }

            function wide(a, b) -> low, high {
                let rest := mulmod(a, b, not(0))
                low := mul(a, b)
                high := sub(sub(rest, low), lt(rest, low))
            }

            // Writes a number as a sum of odd multiples of powers of two, each below half of 2^width and at least
            // `width` powers apart: a byte for each power, that less than zero with 2^width added.
            function recode(at, high, low, width) {
                for {} or(high, low) {
                    at := add(at, 1)
                } {
                    if and(low, 1) {
                        let limit := shl(width, 1)
                        let digit := and(low, sub(limit, 1))
                        mstore8(at, digit)
                        low := sub(low, digit)
                        if shr(sub(width, 1), digit) {
                            low := add(low, limit)
                            high := add(high, lt(low, limit))
                        }
                    }
                    low := or(shr(1, low), shl(255, high))
                    high := shr(1, high)
                }
            }

            // Puts the key at X, Y, Z; whether it is a point of the curve: y^2 - x^3 + 3x - b = 0.
            function setKey(at) -> isValid_ {
                let x1, x0 := load(at)
                let y1, y0 := load(add(at, 0x40))
                if iszero(and(isBelow(x1, x0, P_HIGH, P_LOW), isBelow(y1, y0, P_HIGH, P_LOW))) {
                    leave
                }
                put(X, x1, x0)
                put(Y, y1, y0)
                multiply(X, X, SQUARE)
                multiply(Y, Y, SQUARE)
                mcopy(Z, ONE, 0x80)
                multiply(A, X, X)
                multiply(A, X, A)
                multiply(B, Y, Y)
                reduce(
                    B,
                    add(sub(mload(B), mload(A)), sub(mul(3, mload(X)), mload(CURVE))),
                    distance(0x20, N2),
                    distance(0x40, N3),
                    distance(0x60, N4)
                )
                isValid_ := isZero(B)
            }

            function distance(i, multiple) -> x {
                x := sub(add(mload(add(B, i)), multiple), mload(add(A, i)))
                x := sub(add(add(x, multiple), mul(3, mload(add(X, i)))), mload(add(CURVE, i)))
            }

            // The odd multiples of the key at X, Y, Z. These are all different, and none is infinite, as n is a prime.
            function setMultiples() {
                keep(MULTIPLES)
                twice()
                keep(TWICE)
                mcopy(X, MULTIPLES, 0x180)
                for {
                    let i := 1
                } lt(i, 8) {
                    i := add(i, 1)
                } {
                    plus(TWICE, 0, 0)
                    keep(add(MULTIPLES, mul(i, 0x280)))
                }
            }

            function plusKey(digit) {
                switch gt(digit, 16)
                case 0 {
                    plus(add(MULTIPLES, mul(shr(1, digit), 0x280)), 0, 0)
                }
                default {
                    plus(add(MULTIPLES, mul(shr(1, sub(32, digit)), 0x280)), 1, 0)
                }
            }

            function plusBase(table_, digit) {
                let isNegative := gt(digit, 64)
                if isNegative {
                    digit := sub(128, digit)
                }
                let at := add(table_, mul(shr(1, digit), 96))
                put(BASE, shr(128, mload(at)), mload(add(at, 16)))
                put(add(BASE, 0x80), shr(128, mload(add(at, 48))), mload(add(at, 64)))
                plus(BASE, isNegative, 1)
            }

            // digest / s times the base point, and r / s times the key.
            function setDigits(e1, e0, r1, r0, s1, s0) {
                s1, s0 := inverse(s1, s0)
                e1, e0 := product(e1, e0, s1, s0)
                recode(BASE_DIGITS, e1, e0, 7)
                r1, r0 := product(r1, r0, s1, s0)
                recode(KEY_DIGITS, r1, r0, 5)
            }

            function addUp(table_) {
                mstore(INFINITE, 1)
                for {
                    let i := 385
                } i {} {
                    i := sub(i, 1)
                    if iszero(mload(INFINITE)) {
                        twice()
                    }
                    let digit := byte(0, mload(add(KEY_DIGITS, i)))
                    if digit {
                        plusKey(digit)
                    }
                    digit := byte(0, mload(add(BASE_DIGITS, i)))
                    if digit {
                        plusBase(table_, digit)
                    }
                }
            }

            let r1, r0 := load(r)
            {
                let s1, s0 := load(s)
                let e1, e0 := load(digest)
                if or(shr(128, e1), iszero(and(isBelow(r1, r0, N_HIGH, N_LOW), isBelow(s1, s0, N_HIGH, N_LOW)))) {
                    fail()
                }
                if or(iszero(or(r1, r0)), iszero(or(s1, s0))) {
                    fail()
                }
                setDigits(e1, e0, r1, r0, s1, s0)
            }
            put(ONE, ONE_HIGH, ONE_LOW)
            put(SQUARE, SQUARE_HIGH, SQUARE_LOW)
            put(CURVE, CURVE_HIGH, CURVE_LOW)
            if iszero(setKey(key)) {
                fail()
            }
            setMultiples()
            mcopy(add(BASE, 0x100), ONE, 0x80)
            addUp(add(table, 0x20))
            if mload(INFINITE) {
                fail()
            }

            // x is r z^2, or (r + n) z^2 where r + n is below p, too.
            multiply(A, Z, Z)
            mstore(0, matches(r1, r0))
            if isBelow(r1, r0, 0, P_LESS_N) {
                mstore(0, or(mload(0), matches(N_HIGH, add(r0, N_LOW))))
            }
            return(0, 0x20)
        }
    }
}
