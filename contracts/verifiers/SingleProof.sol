// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Bn254} from "./Bn254.sol";

/// @title One Groth16 proof
/// @notice Checks e(X, gamma) e(C, delta) e(-A, B) e(alpha, beta) = 1, where X = ic[0] + sum of signal[i] ic[i + 1].
/// @dev The same as a `ProofLot` of one, in the common case with less gas around the precompiles.
library SingleProof {
    /// @dev Offsets in memory. The first three pairs, then the key, so that alpha and beta stand where they are wanted.
    uint256 private constant X_GAMMA = 0;
    uint256 private constant C_DELTA = 192;
    uint256 private constant PROOF_AB = 384;
    uint256 private constant KEY = 576;
    uint256 private constant GAMMA = 768;
    uint256 private constant DELTA = 896;
    uint256 private constant IC = 1024;

    /// @param key Contract whose code is a byte and the key, which has one ic point more than there are signals.
    /// @param signals The binding and the words of input and output.
    /// @param binding Below 2^248.
    /// @param proof 256 bytes.
    function holds(
        address key,
        uint256 signals,
        uint256 binding,
        bytes calldata input,
        bytes calldata output,
        bytes calldata proof
    ) internal view returns (bool valid) {
        unchecked {
            uint256 pairs;
            uint256 signal;
            assembly ("memory-safe") {
                pairs := mload(0x40)
                signal := add(pairs, add(IC, mul(add(signals, 1), 64)))
                extcodecopy(key, add(pairs, KEY), 1, sub(signal, add(pairs, KEY)))
                calldatacopy(add(pairs, C_DELTA), add(proof.offset, 192), 64)
                calldatacopy(add(pairs, PROOF_AB), proof.offset, 192)

                // 31 bytes each, the last padded by zeros.
                mstore(signal, shl(8, binding))
                let end := add(signal, 31)
                calldatacopy(end, input.offset, input.length)
                end := add(end, input.length)
                calldatacopy(end, output.offset, output.length)
                end := add(end, output.length)
                mstore(end, 0)
                mstore(0x40, add(end, 32))

                // X, with room to sum it up: gamma comes later.
                mcopy(add(pairs, X_GAMMA), add(pairs, IC), 64)
            }

            valid = Bn254.negate(pairs + PROOF_AB);
            uint256 last = pairs + IC + signals * 64;
            for (uint256 point = pairs + IC; point < last; signal += 31) {
                point += 64;
                uint256 scalar;
                assembly ("memory-safe") {
                    scalar := shr(8, mload(signal))
                }
                if (!Bn254.addProduct(pairs + X_GAMMA, point, scalar)) return false;
            }

            assembly ("memory-safe") {
                mcopy(add(pairs, 64), add(pairs, GAMMA), 128)
                mcopy(add(pairs, 256), add(pairs, DELTA), 128)
            }
            return valid && Bn254.pairingIsOne(pairs, 4);
        }
    }
}
