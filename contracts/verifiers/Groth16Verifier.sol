// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Create2} from "@openzeppelin/contracts/utils/Create2.sol";

import {IEvidenceVerifier, Statement} from "../interfaces/IEvidenceVerifier.sol";
import {IGroth16Verifier} from "../interfaces/IGroth16Verifier.sol";
import {InterfaceWords} from "../libraries/InterfaceWords.sol";

/// @title Groth16 over BN254 for any verification key
/// @notice Checks e(-A, B) e(alpha, beta) e(X, gamma) e(C, delta) = 1, where X = ic[0] + sum of signal[i] ic[i + 1].
/// @dev No state but the keys, which are contracts of their own. Malleable proofs do no harm: jobs are keyed by id.
contract Groth16Verifier is IGroth16Verifier {
    uint256 private constant PROOF_BYTES = 256;
    uint256 private constant POINT_BYTES = 64;
    /// @dev alpha, beta, gamma, delta.
    uint256 private constant KEY_HEAD_BYTES = 448;
    /// @dev With the binding, the fewest signals that make sense are two: three ic points.
    uint256 private constant MIN_KEY_BYTES = KEY_HEAD_BYTES + 3 * POINT_BYTES;
    /// @dev Contract code is at most 24,576 bytes (EIP-170), one of which is the prefix.
    uint256 private constant MAX_KEY_BYTES = 24_575;
    uint256 private constant BINDING_BITS = 248;

    /// @dev Modulus of the base field, to negate A.
    uint256 private constant Q = 21888242871839275222246405745257275088696311157297823662689037894645226208583;

    /// @dev Addresses of the precompiles.
    uint256 private constant ADD = 6;
    uint256 private constant MULTIPLY = 7;
    uint256 private constant PAIRING = 8;
    /// @dev Twice what the precompiles cost since EIP-1108: they keep all gas that they are given when a point is bad.
    uint256 private constant ADD_GAS = 300;
    uint256 private constant MULTIPLY_GAS = 12_000;
    uint256 private constant PAIRING_GAS = 362_000;

    /// @inheritdoc IGroth16Verifier
    function storeKey(bytes calldata key) external override returns (address verificationKey) {
        _checkKey(key);

        // PUSH2 length DUP1 PUSH1 10 RETURNDATASIZE CODECOPY RETURNDATASIZE RETURN: returns what follows it as code.
        bytes memory creation = abi.encodePacked(hex"61", uint16(key.length + 1), hex"80600a3d393df300", key);
        bytes32 salt = keccak256(key);
        verificationKey = Create2.computeAddress(salt, keccak256(creation));
        if (verificationKey.code.length == 0) Create2.deploy(0, salt, creation);
    }

    /// @inheritdoc IEvidenceVerifier
    function verify(Statement calldata statement, bytes calldata evidence) external view override {
        if (statement.verificationKey == address(0)) revert VerificationKeyMissing(statement.versionId);
        if (evidence.length < PROOF_BYTES) revert EvidenceTooShort(evidence.length, PROOF_BYTES);

        bytes calldata input = evidence[PROOF_BYTES:];
        bytes32 inputHash = keccak256(input);
        if (inputHash != statement.inputHash) revert InputMismatch(inputHash, statement.inputHash);

        uint256 binding = uint256(statement.resultDigest) >> 8;
        _verify(statement.verificationKey, binding, input, statement.output, evidence[:PROOF_BYTES]);
    }

    /// @inheritdoc IGroth16Verifier
    function verifyProof(
        address verificationKey,
        uint256 binding,
        bytes calldata input,
        bytes calldata output,
        bytes calldata proof
    ) external view override {
        if (proof.length != PROOF_BYTES) revert ProofInvalid();
        _verify(verificationKey, binding, input, output, proof);
    }

    function _verify(
        address verificationKey,
        uint256 binding,
        bytes calldata input,
        bytes calldata output,
        bytes calldata proof
    ) private view {
        // The words are canonical by construction: each has 248 bits, fewer than the field's order.
        if (binding >> BINDING_BITS != 0) revert SignalOutOfField(0, binding);
        uint256 words = InterfaceWords.count(input.length + output.length);
        uint256 needed = KEY_HEAD_BYTES + POINT_BYTES * (words + 2);
        uint256 had = verificationKey.code.length;
        if (had != needed + 1) revert VerificationKeyLength(had == 0 ? 0 : had - 1, needed);

        bytes memory stream = InterfaceWords.stream(input, output);
        if (!_pairingHolds(verificationKey, binding, stream, words, proof)) revert ProofInvalid();
    }

    function _pairingHolds(
        address verificationKey,
        uint256 binding,
        bytes memory stream,
        uint256 words,
        bytes calldata proof
    ) private view returns (bool valid) {
        // Memory beyond the free pointer, used only here, by offset:
        //   0    the pairs: -A, B | alpha, beta | X, gamma | C, delta
        //   768  sum (64), term (64), scalar (32)
        //   928  ic points
        assembly ("memory-safe") {
            // sum += scalar * point, by the precompiles. A zero scalar adds nothing.
            function addProduct(sum, point, scalar) -> done {
                done := 1
                if scalar {
                    mcopy(add(sum, 64), point, 64)
                    mstore(add(sum, 128), scalar)
                    done := staticcall(MULTIPLY_GAS, MULTIPLY, add(sum, 64), 96, add(sum, 64), 64)
                    done := and(staticcall(ADD_GAS, ADD, sum, 128, sum, 64), done)
                }
            }

            let pairs := mload(0x40)
            let ic := add(pairs, 928)

            // Parts of the proof and of the key go straight to where the pairing wants them. The key's code begins
            // with the prefix byte.
            calldatacopy(pairs, proof.offset, 192)
            extcodecopy(verificationKey, add(pairs, 192), 1, 192)
            extcodecopy(verificationKey, add(pairs, 448), 193, 128)
            calldatacopy(add(pairs, 576), add(proof.offset, 192), 64)
            extcodecopy(verificationKey, add(pairs, 640), 321, 128)
            extcodecopy(verificationKey, ic, 449, mul(add(words, 2), 64))

            // Negates A. y = Q would be a second name for 0; the precompile refuses what lies beyond.
            let y := mload(add(pairs, 32))
            valid := iszero(eq(y, Q))
            if y {
                mstore(add(pairs, 32), sub(Q, y))
            }

            let sum := add(pairs, 768)
            mcopy(sum, ic, 64)
            valid := and(valid, addProduct(sum, add(ic, 64), binding))
            let word := add(stream, 32)
            for {
                let point := add(ic, 128)
                let end := add(point, mul(words, 64))
            } lt(point, end) {
                point := add(point, 64)
                word := add(word, 31)
            } {
                valid := and(valid, addProduct(sum, point, shr(8, mload(word))))
            }
            mcopy(add(pairs, 384), sum, 64)

            if valid {
                valid := staticcall(PAIRING_GAS, PAIRING, pairs, 768, 0, 32)
                valid := and(valid, eq(mload(0), 1))
            }
        }
    }

    function _checkKey(bytes calldata key) private view {
        if (key.length < MIN_KEY_BYTES) revert VerificationKeyLength(key.length, MIN_KEY_BYTES);
        if (key.length > MAX_KEY_BYTES) revert VerificationKeyLength(key.length, MAX_KEY_BYTES);
        uint256 cut = (key.length - KEY_HEAD_BYTES) % POINT_BYTES;
        if (cut != 0) revert VerificationKeyLength(key.length, key.length - cut);

        // If two of beta, gamma and delta are equal, or opposite (the same x), anyone can make two pairings cancel out
        // and forge proofs. gamma = delta when the second phase of the setup never happened.
        bytes32 beta = keccak256(key[64:128]);
        bytes32 gamma = keccak256(key[192:256]);
        bytes32 delta = keccak256(key[320:384]);
        if (beta == gamma || beta == delta || gamma == delta) revert VerificationKeyUnsafe();
        // At infinity alpha or beta would leave nothing to show, gamma would free the signals, delta the proof, and an
        // ic point its signal. Index 0 is a constant.
        if (_isZero(key[:64]) || _isZero(key[64:192])) revert VerificationKeyUnsafe();
        if (_isZero(key[192:320]) || _isZero(key[320:448])) revert VerificationKeyUnsafe();
        for (uint256 start = KEY_HEAD_BYTES; start < key.length; start += POINT_BYTES) {
            bytes calldata point = key[start:start + POINT_BYTES];
            if (_isZero(point) || !_isOnCurve(point)) revert VerificationKeyUnsafe();
        }
    }

    /// @dev Adding the point at infinity fails for what is no point. G2 points are checked by the first pairing.
    function _isOnCurve(bytes calldata point) private view returns (bool onCurve) {
        (onCurve, ) = address(uint160(ADD)).staticcall{gas: ADD_GAS}(abi.encodePacked(point, bytes32(0), bytes32(0)));
    }

    function _isZero(bytes calldata data) private pure returns (bool) {
        return keccak256(data) == keccak256(new bytes(data.length));
    }
}
