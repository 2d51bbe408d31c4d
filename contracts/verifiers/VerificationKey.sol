// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Create2} from "@openzeppelin/contracts/utils/Create2.sol";

import {IGroth16Verifier} from "../interfaces/IGroth16Verifier.sol";
import {Bn254} from "./Bn254.sol";

/// @title Verification keys, kept as contract code
/// @notice Layout: see IGroth16Verifier.
library VerificationKey {
    uint256 private constant POINT_BYTES = 64;
    /// @dev Where the points of G2 stand; alpha is first.
    uint256 internal constant BETA = 64;
    uint256 internal constant GAMMA = 192;
    uint256 internal constant DELTA = 320;
    /// @dev The ic points are last.
    uint256 internal constant HEAD_BYTES = 448;
    /// @dev With the binding, the fewest signals that make sense are two: three ic points.
    uint256 private constant MIN_BYTES = HEAD_BYTES + 3 * POINT_BYTES;
    /// @dev Contract code is at most 24,576 bytes (EIP-170), one of which is the prefix.
    uint256 private constant MAX_BYTES = 24_575;

    /// @notice Stores a safe key at an address that depends on the key and on this contract, once.
    function store(bytes calldata key) internal returns (address stored) {
        _requireLength(key.length);
        // PUSH2 length DUP1 PUSH1 10 RETURNDATASIZE CODECOPY RETURNDATASIZE RETURN: returns what follows it as code.
        bytes memory creation = abi.encodePacked(hex"61", uint16(key.length + 1), hex"80600a3d393df300", key);
        bytes32 salt = keccak256(key);
        stored = Create2.computeAddress(salt, keccak256(creation));
        // What is there was checked when it was stored.
        if (stored.code.length != 0) return stored;

        _requireSafe(key);
        Create2.deploy(0, salt, creation);
    }

    /// @notice Reverts unless the contract holds a key of so many public signals.
    function requireSignals(address key, uint256 signals) internal view {
        uint256 had = key.code.length;
        uint256 needed = byteLength(signals);
        unchecked {
            if (had != needed + 1) revert IGroth16Verifier.VerificationKeyLength(had == 0 ? 0 : had - 1, needed);
        }
    }

    /// @notice Copies the key to memory.
    function load(address key, uint256 target, uint256 size) internal view {
        assembly ("memory-safe") {
            extcodecopy(key, target, 1, size)
        }
    }

    /// @notice Bytes of a key of so many public signals, which are fewer than the bytes of a transaction.
    function byteLength(uint256 signals) internal pure returns (uint256) {
        unchecked {
            return HEAD_BYTES + POINT_BYTES * (signals + 1);
        }
    }

    function _requireSafe(bytes calldata key) private view {
        // If two of beta, gamma and delta are equal, or opposite (the same x), anyone can make two pairings cancel out
        // and forge proofs. gamma = delta when the second phase of the setup never happened.
        bytes32 beta = keccak256(key[BETA:BETA + 64]);
        bytes32 gamma = keccak256(key[GAMMA:GAMMA + 64]);
        bytes32 delta = keccak256(key[DELTA:DELTA + 64]);
        bool distinct = beta != gamma && beta != delta && gamma != delta;

        // At infinity alpha or beta would leave nothing to show, gamma would free the signals, delta the proof, and an
        // ic point its signal. Index 0 is a constant.
        bool bound =
            _isBound(key[:BETA]) &&
                !_isZero(key[BETA:GAMMA]) &&
                !_isZero(key[GAMMA:DELTA]) &&
                !_isZero(key[DELTA:HEAD_BYTES]);
        if (!distinct || !bound || !_areInSubgroup(key)) revert IGroth16Verifier.VerificationKeyUnsafe();
        for (uint256 start = HEAD_BYTES; start < key.length; start += POINT_BYTES) {
            if (!_isBound(key[start:start + POINT_BYTES])) revert IGroth16Verifier.VerificationKeyUnsafe();
        }
    }

    /// @dev Pairing with infinity always gives one, and fails for what is no point of the subgroup.
    function _areInSubgroup(bytes calldata key) private view returns (bool) {
        bytes memory infinity = new bytes(POINT_BYTES);
        bytes memory pairs = abi.encodePacked(
            infinity,
            key[BETA:GAMMA],
            infinity,
            key[GAMMA:DELTA],
            infinity,
            key[DELTA:HEAD_BYTES]
        );
        return Bn254.pairingIsOne(_start(pairs), 3);
    }

    /// @dev A point of G1 but infinity. Adding infinity fails for what is no point.
    function _isBound(bytes calldata point) private view returns (bool) {
        bytes memory terms = abi.encodePacked(point, new bytes(POINT_BYTES));
        return !_isZero(point) && Bn254.add(_start(terms));
    }

    function _isZero(bytes calldata data) private pure returns (bool) {
        return keccak256(data) == keccak256(new bytes(data.length));
    }

    function _start(bytes memory data) private pure returns (uint256 start) {
        assembly ("memory-safe") {
            start := add(data, 32)
        }
    }

    function _requireLength(uint256 length) private pure {
        if (length < MIN_BYTES) revert IGroth16Verifier.VerificationKeyLength(length, MIN_BYTES);
        if (length > MAX_BYTES) revert IGroth16Verifier.VerificationKeyLength(length, MAX_BYTES);
        uint256 cut = (length - HEAD_BYTES) % POINT_BYTES;
        if (cut != 0) revert IGroth16Verifier.VerificationKeyLength(length, length - cut);
    }
}
