// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Uint384} from "../../interfaces/IP384.sol";

/// @title SHA-384 (FIPS 180-4), for which there is no precompile
/// @dev Words of 64 bits are kept twice in 128 bits, so that a shift of these is a rotation in their lower half; what is
/// above does no harm to sums until the lower half is taken. The schedule computes two words at once, each in 128 bits.
/// Memory beyond the free pointer is used, and not kept.
library Sha384 {
    /// @dev The lower half of 128 bits, in one and in both halves of a word; what repeats 64 bits in 128.
    uint256 private constant LOW = 0xffffffffffffffff;
    uint256 private constant LOWS = 0x0000000000000000ffffffffffffffff0000000000000000ffffffffffffffff;
    uint256 private constant TWICE = 0x10000000000000001;

    /// @dev The constants of the rounds, eight bytes each.
    bytes private constant ROUNDS =
        hex"428a2f98d728ae227137449123ef65cdb5c0fbcfec4d3b2fe9b5dba58189dbbc3956c25bf348b53859f111f1b605d019923f82a4"
        hex"af194f9bab1c5ed5da6d8118d807aa98a303024212835b0145706fbe243185be4ee4b28c550c7dc3d5ffb4e272be5d74f27b896f"
        hex"80deb1fe3b1696b19bdc06a725c71235c19bf174cf692694e49b69c19ef14ad2efbe4786384f25e30fc19dc68b8cd5b5240ca1cc"
        hex"77ac9c652de92c6f592b02754a7484aa6ea6e4835cb0a9dcbd41fbd476f988da831153b5983e5152ee66dfaba831c66d2db43210"
        hex"b00327c898fb213fbf597fc7beef0ee4c6e00bf33da88fc2d5a79147930aa72506ca6351e003826f142929670a0e6e7027b70a85"
        hex"46d22ffc2e1b21385c26c9264d2c6dfc5ac42aed53380d139d95b3df650a73548baf63de766a0abb3c77b2a881c2c92e47edaee6"
        hex"92722c851482353ba2bfe8a14cf10364a81a664bbc423001c24b8b70d0f89791c76c51a30654be30d192e819d6ef5218d6990624"
        hex"5565a910f40e35855771202a106aa07032bbd1b819a4c116b8d2d0c81e376c085141ab532748774cdf8eeb9934b0bcb5e19b48a8"
        hex"391c0cb3c5c95a634ed8aa4ae3418acb5b9cca4f7763e373682e6ff3d6b2b8a3748f82ee5defb2fc78a5636f43172f6084c87814"
        hex"a1f0ab728cc702081a6439ec90befffa23631e28a4506cebde82bde9bef9a3f7b2c67915c67178f2e372532bca273eceea26619c"
        hex"d186b8c721c0c207eada7dd6cde0eb1ef57d4f7fee6ed17806f067aa72176fba0a637dc5a2c898a6113f9804bef90dae1b710b35"
        hex"131c471b28db77f523047d8432caab7b40c724933c9ebe0a15c9bebc431d67c49c100d4c4cc5d4becb3e42b6597f299cfc657e2a"
        hex"5fcb6fab3ad6faec6c44198c4a475817";

    /// @notice The hash of `data[from:to]`, which must lie within `data`.
    function hash(bytes memory data, uint256 from, uint256 to) internal pure returns (Uint384 memory digest) {
        uint256 rounds = _rounds();
        uint256[8] memory state = [
            uint256(0xcbbb9d5dc1059ed8),
            0x629a292a367cd507,
            0x9159015a3070dd17,
            0x152fecd8f70e5939,
            0x67332667ffc00b31,
            0x8eb44a8768581511,
            0xdb0c2e0d64f98fa7,
            0x47b5481dbefa4fa4
        ];
        uint256 pos;
        assembly ("memory-safe") {
            pos := add(add(data, 0x20), from)
        }
        uint256 length = to - from;
        uint256 whole = length & ~uint256(127);
        _update(state, rounds, pos, pos + whole);

        // The rest, a one bit, zeros and the length in bits.
        bytes memory last = new bytes(256);
        uint256 bytesInLast = length - whole < 112 ? 128 : 256;
        assembly ("memory-safe") {
            mstore(add(last, bytesInLast), shl(3, length))
            mcopy(add(last, 0x20), add(pos, whole), sub(length, whole))
            mstore8(add(add(last, 0x20), sub(length, whole)), 0x80)
            pos := add(last, 0x20)
        }
        _update(state, rounds, pos, pos + bytesInLast);
        digest.high = uint128((state[0] << 64) | state[1]);
        digest.low = (state[2] << 192) | (state[3] << 128) | (state[4] << 64) | state[5];
    }

    /// @dev The constants as the schedule has its words, followed by room for a schedule.
    function _rounds() private pure returns (uint256 rounds) {
        bytes memory packed = ROUNDS;
        assembly ("memory-safe") {
            rounds := mload(0x40)
            mstore(0x40, add(rounds, 0xf00))
            for {
                let i := 0
            } lt(i, 80) {
                i := add(i, 2)
            } {
                let pair := shr(128, mload(add(add(packed, 0x20), shl(3, i))))
                mstore(add(rounds, shl(4, i)), and(or(shl(64, pair), pair), LOWS))
            }
        }
    }

    // Functions of assembly must be where they are used.
    // solhint-disable-next-line function-max-lines
    function _update(uint256[8] memory state, uint256 rounds, uint256 pos, uint256 end) private pure {
        assembly ("memory-safe") {
            // Sixteen bytes for each of 80 words of the schedule, the word in the lower half, 0x500 bytes after the
            // constants; and 0x500 bytes further again, with the constants added.
            function schedule(at, pos_) {
                let end_ := add(at, 0x100)
                for {} lt(at, end_) {
                    at := add(at, 0x20)
                } {
                    let pair := shr(128, mload(pos_))
                    pair := and(or(shl(64, pair), pair), LOWS)
                    mstore(at, pair)
                    mstore(add(at, 0x500), add(pair, mload(sub(at, 0x500))))
                    pos_ := add(pos_, 16)
                }
                end_ := add(at, 0x400)
                for {} lt(at, end_) {
                    at := add(at, 0x20)
                } {
                    let pair := mload(sub(at, 0xf0))
                    let twice := mul(pair, TWICE)
                    let sum := and(xor(xor(shr(1, twice), shr(8, twice)), shr(7, pair)), LOWS)
                    pair := mload(sub(at, 0x20))
                    twice := mul(pair, TWICE)
                    sum := add(sum, and(xor(xor(shr(19, twice), shr(61, twice)), shr(6, pair)), LOWS))
                    pair := and(add(sum, add(mload(sub(at, 0x100)), mload(sub(at, 0x70)))), LOWS)
                    mstore(at, pair)
                    mstore(add(at, 0x500), add(pair, mload(sub(at, 0x500))))
                }
            }

            function add8(to_, a, b, c, d) {
                mstore(to_, and(add(mload(to_), a), LOW))
                mstore(add(to_, 0x20), and(add(mload(add(to_, 0x20)), b), LOW))
                mstore(add(to_, 0x40), and(add(mload(add(to_, 0x40)), c), LOW))
                mstore(add(to_, 0x60), and(add(mload(add(to_, 0x60)), d), LOW))
            }

            function compress(state_, at, end_) {
                let a := mul(mload(state_), TWICE)
                let b := mul(mload(add(state_, 0x20)), TWICE)
                let c := mul(mload(add(state_, 0x40)), TWICE)
                let d := mul(mload(add(state_, 0x60)), TWICE)
                let e := mul(mload(add(state_, 0x80)), TWICE)
                let f := mul(mload(add(state_, 0xa0)), TWICE)
                let g := mul(mload(add(state_, 0xc0)), TWICE)
                let h := mul(mload(add(state_, 0xe0)), TWICE)
                for {} lt(at, end_) {
                    at := add(at, 0x80)
                } {
                    h := add(
                        add(h, xor(xor(shr(14, e), shr(18, e)), shr(41, e))),
                        add(xor(g, and(e, xor(f, g))), mload(at))
                    )
                    d := mul(and(add(d, h), LOW), TWICE)
                    h := add(h, xor(xor(shr(28, a), shr(34, a)), shr(39, a)))
                    h := mul(and(add(h, or(and(a, b), and(c, or(a, b)))), LOW), TWICE)
                    g := add(
                        add(g, xor(xor(shr(14, d), shr(18, d)), shr(41, d))),
                        add(xor(f, and(d, xor(e, f))), mload(add(at, 0x10)))
                    )
                    c := mul(and(add(c, g), LOW), TWICE)
                    g := add(g, xor(xor(shr(28, h), shr(34, h)), shr(39, h)))
                    g := mul(and(add(g, or(and(h, a), and(b, or(h, a)))), LOW), TWICE)
                    f := add(
                        add(f, xor(xor(shr(14, c), shr(18, c)), shr(41, c))),
                        add(xor(e, and(c, xor(d, e))), mload(add(at, 0x20)))
                    )
                    b := mul(and(add(b, f), LOW), TWICE)
                    f := add(f, xor(xor(shr(28, g), shr(34, g)), shr(39, g)))
                    f := mul(and(add(f, or(and(g, h), and(a, or(g, h)))), LOW), TWICE)
                    e := add(
                        add(e, xor(xor(shr(14, b), shr(18, b)), shr(41, b))),
                        add(xor(d, and(b, xor(c, d))), mload(add(at, 0x30)))
                    )
                    a := mul(and(add(a, e), LOW), TWICE)
                    e := add(e, xor(xor(shr(28, f), shr(34, f)), shr(39, f)))
                    e := mul(and(add(e, or(and(f, g), and(h, or(f, g)))), LOW), TWICE)
                    d := add(
                        add(d, xor(xor(shr(14, a), shr(18, a)), shr(41, a))),
                        add(xor(c, and(a, xor(b, c))), mload(add(at, 0x40)))
                    )
                    h := mul(and(add(h, d), LOW), TWICE)
                    d := add(d, xor(xor(shr(28, e), shr(34, e)), shr(39, e)))
                    d := mul(and(add(d, or(and(e, f), and(g, or(e, f)))), LOW), TWICE)
                    c := add(
                        add(c, xor(xor(shr(14, h), shr(18, h)), shr(41, h))),
                        add(xor(b, and(h, xor(a, b))), mload(add(at, 0x50)))
                    )
                    g := mul(and(add(g, c), LOW), TWICE)
                    c := add(c, xor(xor(shr(28, d), shr(34, d)), shr(39, d)))
                    c := mul(and(add(c, or(and(d, e), and(f, or(d, e)))), LOW), TWICE)
                    b := add(
                        add(b, xor(xor(shr(14, g), shr(18, g)), shr(41, g))),
                        add(xor(a, and(g, xor(h, a))), mload(add(at, 0x60)))
                    )
                    f := mul(and(add(f, b), LOW), TWICE)
                    b := add(b, xor(xor(shr(28, c), shr(34, c)), shr(39, c)))
                    b := mul(and(add(b, or(and(c, d), and(e, or(c, d)))), LOW), TWICE)
                    a := add(
                        add(a, xor(xor(shr(14, f), shr(18, f)), shr(41, f))),
                        add(xor(h, and(f, xor(g, h))), mload(add(at, 0x70)))
                    )
                    e := mul(and(add(e, a), LOW), TWICE)
                    a := add(a, xor(xor(shr(28, b), shr(34, b)), shr(39, b)))
                    a := mul(and(add(a, or(and(b, c), and(d, or(b, c)))), LOW), TWICE)
                }
                add8(state_, a, b, c, d)
                add8(add(state_, 0x80), e, f, g, h)
            }

            for {} lt(pos, end) {
                pos := add(pos, 128)
            } {
                schedule(add(rounds, 0x500), pos)
                // The word of a round is the lower half of what ends with its sixteen bytes.
                compress(state, add(rounds, 0x9f0), add(rounds, 0xef0))
            }
        }
    }
}
