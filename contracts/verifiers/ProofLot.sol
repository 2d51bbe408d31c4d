// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";

import {Bn254} from "./Bn254.sol";
import {VerificationKey} from "./VerificationKey.sol";

/// @notice Proofs under one key.
struct ProofLot {
    /// Contract that holds the key, which fits the number of signals.
    address key;
    uint256 count;
    /// Public signals of each proof: the binding, then the words of input and output.
    uint256 signals;
    /// Where in memory stands what the coefficients depend on: the hash of the key's code, then a block for each proof:
    /// a, b, c (256 bytes) and its signals, 31 bytes each.
    uint256 transcript;
}

using ProofLotLibrary for ProofLot global;

/// @title One product of pairings for any number of Groth16 proofs
/// @notice Proof i holds if E_i = e(-A_i, B_i) e(alpha, beta) e(X_i, gamma) e(C_i, delta) is one, where
/// X_i = ic[0] + sum over j of signal[i][j] ic[j + 1]. A lot holds if the product of all E_i ^ r_i is one, which is
///   e(sum r_i X_i, gamma) * e(sum r_i C_i, delta) * e((sum r_i) alpha, beta) * product of e(-r_i A_i, B_i),
/// three pairings more than there are proofs. For X the scalars of each ic point are added up first.
///
/// Why that is enough: r_0 is 1 and every other r_i is a hash of 128 bits of the whole transcript, so all E_i are fixed
/// before any r_i is known. They lie in a group of prime order, as the precompiles refuse points outside the groups. If
/// only E_0 is bad, so is the product. If E_i with i > 0 is bad, then for any other coefficients exactly one r_i modulo
/// the order makes the product one, and the 2^128 values of r_i differ modulo the order: a chance of 2^-128 at most for
/// every lot that a forger hashes. This is the small exponents test of Bellare, Garay and Rabin ("Fast Batch
/// Verification for Modular Exponentiation and Digital Signatures", 1998); for Groth16 see the Zcash protocol
/// specification, appendix B.2.
library ProofLotLibrary {
    uint256 private constant PROOF_BYTES = 256;
    uint256 private constant SIGNAL_BYTES = 31;

    /// @dev Pairs by offset. The room of a G2 point serves to compute the G1 point before it.
    uint256 private constant X_GAMMA = 0;
    uint256 private constant C_DELTA = 192;
    uint256 private constant ALPHA_BETA = 384;
    uint256 private constant FIRST_PROOF = 576;

    /// @notice Whether every proof of the lot holds.
    function holds(ProofLot memory lot) internal view returns (bool) {
        unchecked {
            uint256 keyBytes = VerificationKey.byteLength(lot.signals);
            uint256 pairCount = lot.count + FIRST_PROOF / Bn254.PAIR_BYTES;
            uint256 pairs = _allocate(pairCount * Bn254.PAIR_BYTES + lot.signals * 32 + keyBytes);
            uint256 scalars = pairs + pairCount * Bn254.PAIR_BYTES;
            uint256 key = scalars + lot.signals * 32;

            (bool valid, uint256 coefficients) = _combineProofs(lot, pairs, scalars);
            if (!valid) return false;
            VerificationKey.load(lot.key, key, keyBytes);
            if (!_combineKey(lot.signals, pairs, scalars, key, coefficients)) return false;
            return Bn254.pairingIsOne(pairs, pairCount);
        }
    }

    /// @notice Makes room for `count` proofs; each must be put.
    function open(address key, uint256 count, uint256 signals) internal pure returns (ProofLot memory) {
        // The zeros that pad the last block may reach beyond it.
        uint256 transcript = _allocate(64 + count * _blockBytes(signals));
        return ProofLot({key: key, count: count, signals: signals, transcript: transcript});
    }

    /// @notice Puts a proof. They are put in order, since the zeros that pad one may reach into the next.
    /// @param binding Below 2^248.
    /// @param input With the output it takes all signals of the lot but one.
    /// @param proof 256 bytes.
    function put(
        ProofLot memory lot,
        uint256 index,
        uint256 binding,
        bytes calldata input,
        bytes calldata output,
        bytes calldata proof
    ) internal pure {
        uint256 cursor = _blockAt(lot, index);
        assembly ("memory-safe") {
            calldatacopy(cursor, proof.offset, PROOF_BYTES)
            cursor := add(cursor, PROOF_BYTES)
            mstore(cursor, shl(8, binding))
            cursor := add(cursor, SIGNAL_BYTES)
            calldatacopy(cursor, input.offset, input.length)
            cursor := add(cursor, input.length)
            calldatacopy(cursor, output.offset, output.length)
            mstore(add(cursor, output.length), 0)
        }
    }

    /// @dev Sets the pairs of all proofs, C, and the scalars of ic[1] and on.
    function _combineProofs(
        ProofLot memory lot,
        uint256 pairs,
        uint256 scalars
    ) private view returns (bool valid, uint256 coefficients) {
        unchecked {
            bytes32 seed = lot.count == 1 ? bytes32(0) : _seed(lot);
            _clear(scalars, lot.signals * 32);
            for (uint256 i = 0; i < lot.count; ++i) {
                uint256 proof = _blockAt(lot, i);
                uint256 pair = pairs + FIRST_PROOF + i * Bn254.PAIR_BYTES;
                // The sum stays below the order: each is below 2^128, and nobody has the gas for 2^125 proofs.
                uint256 r = i == 0 ? 1 : uint256(Hashes.efficientKeccak256(seed, bytes32(i))) >> 128;
                coefficients += r;

                if (!Bn254.setProduct(pair, proof, r) || !Bn254.negate(pair)) return (false, 0);
                _copy(pair + 64, proof + 64, 128);
                uint256 c = proof + 192;
                uint256 sum = pairs + C_DELTA;
                if (!(i == 0 ? Bn254.setProduct(sum, c, 1) : Bn254.addProduct(sum, c, r))) return (false, 0);
                _addSignals(scalars, proof + PROOF_BYTES, lot.signals, r);
            }
            valid = true;
        }
    }

    /// @dev Sets X and alpha, and last the points of G2, whose room was needed.
    function _combineKey(
        uint256 signals,
        uint256 pairs,
        uint256 scalars,
        uint256 key,
        uint256 coefficients
    ) private view returns (bool valid) {
        unchecked {
            uint256 sum = pairs + X_GAMMA;
            uint256 ic = key + VerificationKey.HEAD_BYTES;
            valid = Bn254.setProduct(sum, ic, coefficients);
            for (uint256 end = scalars + signals * 32; scalars < end && valid; scalars += 32) {
                ic += 64;
                valid = Bn254.addProduct(sum, ic, _load(scalars));
            }
            valid = valid && Bn254.setProduct(pairs + ALPHA_BETA, key, coefficients);
            _copy(pairs + ALPHA_BETA + 64, key + VerificationKey.BETA, 128);
            _copy(pairs + X_GAMMA + 64, key + VerificationKey.GAMMA, 128);
            _copy(pairs + C_DELTA + 64, key + VerificationKey.DELTA, 128);
        }
    }

    /// @dev The hash of everything that decides whether the proofs hold.
    function _seed(ProofLot memory lot) private view returns (bytes32 seed) {
        address key = lot.key;
        uint256 transcript = lot.transcript;
        uint256 size = 32 + lot.count * _blockBytes(lot.signals);
        assembly ("memory-safe") {
            mstore(transcript, extcodehash(key))
            seed := keccak256(transcript, size)
        }
    }

    /// @dev scalar[j] += r * signal[j], modulo the order.
    function _addSignals(uint256 scalars, uint256 signalsAt, uint256 signals, uint256 r) private pure {
        uint256 order = Bn254.ORDER;
        assembly ("memory-safe") {
            for {
                let end := add(scalars, mul(signals, 32))
            } lt(scalars, end) {
                scalars := add(scalars, 32)
                signalsAt := add(signalsAt, SIGNAL_BYTES)
            } {
                let product := mulmod(r, shr(8, mload(signalsAt)), order)
                mstore(scalars, addmod(mload(scalars), product, order))
            }
        }
    }

    function _blockAt(ProofLot memory lot, uint256 index) private pure returns (uint256) {
        unchecked {
            return lot.transcript + 32 + index * _blockBytes(lot.signals);
        }
    }

    function _blockBytes(uint256 signals) private pure returns (uint256) {
        unchecked {
            return PROOF_BYTES + signals * SIGNAL_BYTES;
        }
    }

    function _allocate(uint256 size) private pure returns (uint256 start) {
        assembly ("memory-safe") {
            start := mload(0x40)
            mstore(0x40, add(start, size))
        }
    }

    function _clear(uint256 start, uint256 size) private pure {
        assembly ("memory-safe") {
            calldatacopy(start, calldatasize(), size)
        }
    }

    function _copy(uint256 to, uint256 from, uint256 size) private pure {
        assembly ("memory-safe") {
            mcopy(to, from, size)
        }
    }

    function _load(uint256 pointer) private pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := mload(pointer)
        }
    }
}
