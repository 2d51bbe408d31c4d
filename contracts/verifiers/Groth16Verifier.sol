// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IEvidenceVerifier, Statement} from "../interfaces/IEvidenceVerifier.sol";
import {IGroth16Verifier} from "../interfaces/IGroth16Verifier.sol";
import {InterfaceWords} from "../libraries/InterfaceWords.sol";
import {ProofLot, ProofLotLibrary} from "./ProofLot.sol";
import {SingleProof} from "./SingleProof.sol";
import {VerificationKey} from "./VerificationKey.sol";

/// @title Groth16 over BN254 for any verification key
/// @dev No state but the keys, which are contracts of their own. Malleable proofs do no harm: jobs are keyed by id.
contract Groth16Verifier is IGroth16Verifier {
    uint256 private constant PROOF_BYTES = 256;
    uint256 private constant BINDING_BITS = 248;

    /// @inheritdoc IGroth16Verifier
    function storeKey(bytes calldata key) external override returns (address verificationKey) {
        return VerificationKey.store(key);
    }

    /// @inheritdoc IEvidenceVerifier
    function verify(Statement calldata statement, bytes calldata evidence) external view override {
        bytes calldata input = _checkedInput(statement, evidence);
        bytes calldata proof = evidence[:PROOF_BYTES];
        _requireProof(statement.verificationKey, _binding(statement), input, statement.output, proof);
    }

    /// @inheritdoc IEvidenceVerifier
    function verifyAll(Statement[] calldata statements, bytes[] calldata evidence) external view override {
        uint256 count = statements.length;
        if (count != evidence.length) revert EvidenceCountMismatch(count, evidence.length);
        if (count == 0) return;

        ProofLot memory lot;
        for (uint256 i = 0; i < count; ++i) {
            Statement calldata statement = statements[i];
            bytes calldata input = _checkedInput(statement, evidence[i]);
            uint256 signals = _signals(input.length, statement.output.length);
            if (i == 0) lot = _open(statement.verificationKey, count, signals);
            else _requireFit(lot, i, statement.verificationKey, signals);
            lot.put(i, _binding(statement), input, statement.output, evidence[i][:PROOF_BYTES]);
        }
        if (!lot.holds()) revert ProofInvalid();
    }

    /// @inheritdoc IGroth16Verifier
    function verifyProof(
        address verificationKey,
        uint256 binding,
        bytes calldata proofAndStream
    ) external view override {
        if (proofAndStream.length < PROOF_BYTES) revert EvidenceTooShort(proofAndStream.length, PROOF_BYTES);
        // The words are canonical by construction: each has 248 bits, fewer than the field's order.
        if (binding >> BINDING_BITS != 0) revert SignalOutOfField(0, binding);

        bytes calldata proof = proofAndStream[:PROOF_BYTES];
        _requireProof(verificationKey, binding, proofAndStream[PROOF_BYTES:], proofAndStream[:0], proof);
    }

    function _requireProof(
        address key,
        uint256 binding,
        bytes calldata input,
        bytes calldata output,
        bytes calldata proof
    ) private view {
        uint256 signals = _signals(input.length, output.length);
        VerificationKey.requireSignals(key, signals);
        if (!SingleProof.holds(key, signals, binding, input, output, proof)) revert ProofInvalid();
    }

    function _open(address key, uint256 count, uint256 signals) private view returns (ProofLot memory) {
        VerificationKey.requireSignals(key, signals);
        return ProofLotLibrary.open(key, count, signals);
    }

    /// @dev One product of pairings is about one key, and so about one number of signals.
    function _requireFit(ProofLot memory lot, uint256 index, address key, uint256 signals) private pure {
        if (key != lot.key) revert VerificationKeysMixed(index, key, lot.key);
        if (signals == lot.signals) return;
        revert VerificationKeyLength(VerificationKey.byteLength(lot.signals), VerificationKey.byteLength(signals));
    }

    /// @dev The job's input, which follows the proof.
    function _checkedInput(
        Statement calldata statement,
        bytes calldata evidence
    ) private pure returns (bytes calldata input) {
        if (statement.verificationKey == address(0)) revert VerificationKeyMissing(statement.versionId);
        if (evidence.length < PROOF_BYTES) revert EvidenceTooShort(evidence.length, PROOF_BYTES);

        input = evidence[PROOF_BYTES:];
        bytes32 inputHash = keccak256(input);
        if (inputHash != statement.inputHash) revert InputMismatch(inputHash, statement.inputHash);
    }

    /// @dev The digest without its last byte, which fits the field.
    function _binding(Statement calldata statement) private pure returns (uint256) {
        return uint256(statement.resultDigest) >> 8;
    }

    /// @dev The binding and the words, which cannot overflow: calldata is as long as input or output say.
    function _signals(uint256 inputBytes, uint256 outputBytes) private pure returns (uint256) {
        unchecked {
            return 1 + InterfaceWords.count(inputBytes + outputBytes);
        }
    }
}
