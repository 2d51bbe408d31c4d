// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";

import {IEvidenceVerifier, Statement} from "./interfaces/IEvidenceVerifier.sol";
import {IModelRegistry} from "./interfaces/IModelRegistry.sol";
import {
    Anchor,
    AnchorParameters,
    AnchorState,
    IReceiptAnchors,
    ReceiptChallenge,
    ReceiptChallengeState
} from "./interfaces/IReceiptAnchors.sol";
import {IWorkerRegistry, Worker} from "./interfaces/IWorkerRegistry.sol";
import {Balances} from "./market/Balances.sol";
import {Currency} from "./market/Currency.sol";
import {Receipt} from "./types/Receipt.sol";
import {VersionTerms} from "./types/Version.sol";

/// @title Answers given off chain, with stake behind every one of them
contract ReceiptAnchors is IReceiptAnchors, Balances, EIP712 {
    /// @dev Windows up to this keep every due date within 40 bits, even with as many open challenges as can be counted.
    uint32 private constant MAX_WINDOW = 90 days;

    IModelRegistry private immutable MODELS;
    IWorkerRegistry private immutable WORKERS;
    IEvidenceVerifier private immutable TEE_VERIFIER;
    IEvidenceVerifier private immutable ZKML_VERIFIER;
    uint32 private immutable CHALLENGE_WINDOW;
    uint32 private immutable EVIDENCE_WINDOW;
    uint96 private immutable ANCHOR_STAKE;
    uint96 private immutable CHALLENGE_BOND;

    uint256 public override anchorCount;
    mapping(uint256 anchorId => Anchor) private _anchors;
    mapping(uint256 anchorId => mapping(bytes32 leaf => ReceiptChallenge)) private _challenges;

    constructor(
        AnchorParameters memory fixedParameters,
        IModelRegistry models,
        IWorkerRegistry workers,
        IEvidenceVerifier teeVerifier,
        IEvidenceVerifier zkmlVerifier
    ) Currency(workers.currency()) EIP712("Assay Receipts", "1") {
        MODELS = models;
        WORKERS = workers;
        TEE_VERIFIER = teeVerifier;
        ZKML_VERIFIER = zkmlVerifier;
        CHALLENGE_WINDOW = uint32(_inRange("challengeWindow", fixedParameters.challengeWindow, MAX_WINDOW));
        EVIDENCE_WINDOW = uint32(_inRange("evidenceWindow", fixedParameters.evidenceWindow, MAX_WINDOW));
        // Not zero, or wrong answers and vain challenges would cost nothing; and no more than a stake can be.
        ANCHOR_STAKE = uint96(_inRange("anchorStake", fixedParameters.anchorStake, type(uint80).max));
        CHALLENGE_BOND = uint96(_inRange("challengeBond", fixedParameters.challengeBond, type(uint80).max));
    }

    /// @notice Slashed stake comes from the registry of workers, and nothing else comes this way.
    receive() external payable {
        if (msg.sender != address(WORKERS)) revert TransferUnexpected(msg.sender, msg.value);
    }

    /// @inheritdoc IReceiptAnchors
    function anchor(
        uint24 workerId,
        bytes32 root,
        uint32 count,
        string calldata uri
    ) external override returns (uint256 anchorId) {
        Worker memory worker = WORKERS.workerOf(workerId);
        if (msg.sender != worker.key && msg.sender != worker.operator) revert NotOfWorker(workerId, msg.sender);

        anchorId = ++anchorCount;
        uint40 openUntil = uint40(block.timestamp) + CHALLENGE_WINDOW;
        _anchors[anchorId] = Anchor(root, worker.key, workerId, openUntil, 0, AnchorState.Open);
        emit ReceiptsAnchored(anchorId, workerId, worker.key, root, count, openUntil, uri);
        WORKERS.reserve(workerId, ANCHOR_STAKE);
    }

    /// @inheritdoc IReceiptAnchors
    function challenge(
        uint256 anchorId,
        Receipt calldata receipt,
        bytes32[] calldata proof
    ) external payable override nonReentrant {
        Anchor memory anchored = _loadOpen(anchorId);
        if (block.timestamp > anchored.openUntil) revert AnchorClosed(anchorId, anchored.openUntil);
        bytes32 leaf = leafOf(receipt);
        if (!MerkleProof.verifyCalldata(proof, anchored.root, leaf)) revert LeafNotInAnchor(anchorId, leaf);
        ReceiptChallengeState had = _challenges[anchorId][leaf].state;
        if (had != ReceiptChallengeState.None) revert ChallengeStateMismatch(anchorId, leaf, had);
        if (!MODELS.terms(receipt.versionId).levels.hasEvidence()) revert VersionNotJudged(receipt.versionId);

        uint16 open = anchored.openChallenges + 1;
        uint40 dueAt = uint40(block.timestamp + uint256(EVIDENCE_WINDOW) * open);
        _anchors[anchorId].openChallenges = open;
        _challenges[anchorId][leaf] = ReceiptChallenge(msg.sender, dueAt, ReceiptChallengeState.Open);
        emit ReceiptChallenged(anchorId, leaf, msg.sender, receipt, dueAt);
        _collect(CHALLENGE_BOND);
    }

    /// @inheritdoc IReceiptAnchors
    function fulfill(
        uint256 anchorId,
        Receipt calldata receipt,
        bytes calldata output,
        bytes calldata evidence
    ) external override {
        Anchor memory anchored = _loadOpen(anchorId);
        bytes32 leaf = leafOf(receipt);
        ReceiptChallenge storage open = _loadChallenge(anchorId, leaf);
        if (block.timestamp > open.dueAt) revert EvidenceTooLate(anchorId, leaf, open.dueAt);
        if (receipt.worker != anchored.key) revert ReceiptOfOtherWorker(leaf, receipt.worker, anchored.key);
        if (keccak256(output) != receipt.outputHash) revert OutputMismatch(leaf);
        _verify(receipt, leaf, output, evidence);

        open.state = ReceiptChallengeState.Shown;
        --_anchors[anchorId].openChallenges;
        emit ReceiptShown(anchorId, leaf, output);
        _credit(WORKERS.operatorOf(anchored.workerId), CHALLENGE_BOND);
    }

    /// @inheritdoc IReceiptAnchors
    function resolve(uint256 anchorId, Receipt calldata receipt) external override nonReentrant {
        Anchor storage anchored = _anchors[anchorId];
        bytes32 leaf = leafOf(receipt);
        ReceiptChallenge storage open = _loadChallenge(anchorId, leaf);
        // With an open challenge, an anchor is open or slashed.
        bool losesStake = anchored.state == AnchorState.Open;
        if (losesStake && block.timestamp <= open.dueAt) revert EvidenceNotDue(anchorId, leaf, open.dueAt);

        open.state = ReceiptChallengeState.Ended;
        --anchored.openChallenges;
        if (losesStake) anchored.state = AnchorState.Slashed;
        _credit(open.challenger, CHALLENGE_BOND);
        uint256 slashed = losesStake ? _slash(anchored.workerId, open.challenger, receipt.requester) : 0;
        emit ChallengeEnded(anchorId, leaf, open.challenger, slashed);
    }

    /// @inheritdoc IReceiptAnchors
    function release(uint256 anchorId) external override {
        Anchor memory anchored = _loadOpen(anchorId);
        if (block.timestamp <= anchored.openUntil) revert AnchorNotDue(anchorId, anchored.openUntil);
        if (anchored.openChallenges != 0) revert ChallengesOpen(anchorId, anchored.openChallenges);

        _anchors[anchorId].state = AnchorState.Released;
        emit AnchorReleased(anchorId, anchored.workerId);
        WORKERS.unreserve(anchored.workerId, ANCHOR_STAKE);
    }

    /// @inheritdoc IReceiptAnchors
    function anchorOf(uint256 anchorId) external view override returns (Anchor memory) {
        return _anchors[anchorId];
    }

    /// @inheritdoc IReceiptAnchors
    function challengeOf(uint256 anchorId, bytes32 leaf) external view override returns (ReceiptChallenge memory) {
        return _challenges[anchorId][leaf];
    }

    /// @inheritdoc IReceiptAnchors
    function resultDigestOf(Receipt calldata receipt) external view override returns (bytes32) {
        return _hashTypedDataV4(receipt.resultStructHash(leafOf(receipt)));
    }

    /// @inheritdoc IReceiptAnchors
    function parameters() external view override returns (AnchorParameters memory) {
        return AnchorParameters(CHALLENGE_WINDOW, EVIDENCE_WINDOW, ANCHOR_STAKE, CHALLENGE_BOND);
    }

    /// @inheritdoc IReceiptAnchors
    function receiptDigestOf(Receipt calldata receipt) public view override returns (bytes32) {
        return _hashTypedDataV4(receipt.structHash());
    }

    /// @inheritdoc IReceiptAnchors
    function leafOf(Receipt calldata receipt) public view override returns (bytes32) {
        return keccak256(abi.encode(receiptDigestOf(receipt)));
    }

    /// @dev The burn gets the rounding, and the share of a requester that nobody is.
    function _slash(uint24 workerId, address challenger, address requester) private returns (uint256 taken) {
        taken = WORKERS.slash(workerId, ANCHOR_STAKE);
        uint256 share = taken / 4;
        uint256 given = share;

        _credit(challenger, share);
        if (requester != address(0)) {
            _credit(requester, share);
            given += share;
        }
        _burn(taken - given);
    }

    function _verify(
        Receipt calldata receipt,
        bytes32 leaf,
        bytes calldata output,
        bytes calldata evidence
    ) private view {
        VersionTerms memory facts = MODELS.terms(receipt.versionId);
        Statement memory statement = Statement({
            resultDigest: _hashTypedDataV4(receipt.resultStructHash(leaf)),
            versionId: receipt.versionId,
            inputHash: receipt.inputHash,
            worker: receipt.worker,
            verificationKey: facts.verificationKey,
            ownMeasurements: facts.ownMeasurements,
            output: output
        });
        bool byProof = facts.verificationKey != address(0);
        (byProof ? ZKML_VERIFIER : TEE_VERIFIER).verify(statement, evidence);
    }

    function _loadOpen(uint256 anchorId) private view returns (Anchor memory anchored) {
        anchored = _anchors[anchorId];
        if (anchored.state != AnchorState.Open) revert AnchorStateMismatch(anchorId, anchored.state);
    }

    function _loadChallenge(uint256 anchorId, bytes32 leaf) private view returns (ReceiptChallenge storage open) {
        open = _challenges[anchorId][leaf];
        if (open.state != ReceiptChallengeState.Open) revert ChallengeStateMismatch(anchorId, leaf, open.state);
    }

    function _inRange(string memory name, uint256 had, uint256 max) private pure returns (uint256) {
        if (had == 0 || had > max) revert ParameterOutOfRange(name, had, max);
        return had;
    }
}
