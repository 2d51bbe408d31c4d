// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Receipt} from "../types/Receipt.sol";
import {IBalances} from "./IBalances.sol";

/// @notice `Open` until the stake is let go or lost; both are final.
enum AnchorState {
    None,
    Open,
    Released,
    Slashed
}

/// @notice A receipt is challenged once. `Shown`: its evidence came. `Ended`: the bond went back.
enum ReceiptChallengeState {
    None,
    Open,
    Shown,
    Ended
}

/// @notice What is fixed at deployment, in seconds and the currency's smallest unit.
struct AnchorParameters {
    /// How long the receipts of an anchor can be challenged.
    uint32 challengeWindow;
    /// How long evidence may take, for each challenge that is open on the anchor.
    uint32 evidenceWindow;
    /// Stake that an anchor reserves, and loses.
    uint96 anchorStake;
    uint96 challengeBond;
}

struct Anchor {
    // slot 0
    bytes32 root;
    // slot 1
    /// The worker's key when it anchored: its receipts must name this one.
    address key;
    uint24 workerId;
    /// Last second in which receipts can be challenged.
    uint40 openUntil;
    /// Challenges that wait for evidence or their end.
    uint16 openChallenges;
    AnchorState state;
}

/// @notice One slot.
struct ReceiptChallenge {
    address challenger;
    /// Last second for the evidence.
    uint40 dueAt;
    ReceiptChallengeState state;
}

/// @title Answers given off chain, with stake behind every one of them
/// @notice A worker anchors the Merkle root of its receipts and reserves stake. Whoever has a receipt and its Merkle
/// proof may demand evidence for it inside the challenge window. Evidence in time: the bond is the worker's. None:
/// anyone resolves, and the anchor's stake is slashed, a quarter to the challenger, a quarter to the receipt's
/// requester, half burnt with the rounding; the bond goes back.
///
/// Every challenge is judged for itself, but an anchor's stake can be lost once. After that all its open challenges end
/// at once with their bonds back, evidence is no longer taken, and new challenges are refused. The sure loss of
/// a worker that cheats is the burnt half: it may be challenger and requester itself.
///
/// What an anchor does not give: receipts of versions that allow neither Tee nor Zkml, or that no registry knows, cannot
/// be judged, and challenging them is refused. A receipt that was signed and never anchored has no stake behind it, and
/// neither has one whose Merkle proof nobody has: a requester asks its worker for both and checks them.
/// @dev A receipt that names another key than the anchor's is the worker's fault, for nobody else made the tree: it
/// can be challenged like any other, and no evidence ends that challenge. It is not slashed at once, so that
/// a worker which faces a challenge cannot overtake it with a prepared fault and collect the shares itself.
/// Invariant: this contract holds the sum of all balances and a bond for every open challenge.
interface IReceiptAnchors is IBalances {
    /// @notice `count` and `uri` are the worker's word: how many receipts there are and where they are found.
    event ReceiptsAnchored(
        uint256 indexed anchorId,
        uint24 indexed workerId,
        address indexed key,
        bytes32 root,
        uint32 count,
        uint40 openUntil,
        string uri
    );
    event ReceiptChallenged(
        uint256 indexed anchorId,
        bytes32 indexed leaf,
        address indexed challenger,
        Receipt receipt,
        uint40 dueAt
    );
    event ReceiptShown(uint256 indexed anchorId, bytes32 indexed leaf, bytes output);
    /// @notice The bond went back. `slashed` is what the worker lost by this challenge; 0 if the stake was lost before.
    event ChallengeEnded(uint256 indexed anchorId, bytes32 indexed leaf, address indexed challenger, uint256 slashed);
    event AnchorReleased(uint256 indexed anchorId, uint24 indexed workerId);

    /// @notice Neither the worker's key nor its operator.
    error NotOfWorker(uint24 workerId, address caller);
    error AnchorStateMismatch(uint256 anchorId, AnchorState had);
    error AnchorClosed(uint256 anchorId, uint256 openUntil);
    error AnchorNotDue(uint256 anchorId, uint256 openUntil);
    error ChallengesOpen(uint256 anchorId, uint256 count);
    error LeafNotInAnchor(uint256 anchorId, bytes32 leaf);
    /// @notice The version allows neither Tee nor Zkml, so that no evidence can show who is right.
    error VersionNotJudged(bytes32 versionId);
    error ChallengeStateMismatch(uint256 anchorId, bytes32 leaf, ReceiptChallengeState had);
    error EvidenceTooLate(uint256 anchorId, bytes32 leaf, uint256 dueAt);
    error EvidenceNotDue(uint256 anchorId, bytes32 leaf, uint256 dueAt);
    /// @notice The receipt names another key than its anchor.
    error ReceiptOfOtherWorker(bytes32 leaf, address had, address needed);
    error OutputMismatch(bytes32 leaf);
    /// @notice Plain transfers are refused: only slashed stake comes that way.
    error TransferUnexpected(address from, uint256 amount);
    error ParameterOutOfRange(string name, uint256 had, uint256 max);

    /// @notice The worker's key or operator anchors receipts that name the worker's present key, and reserves stake for
    /// them. Anchor before the key is changed.
    function anchor(
        uint24 workerId,
        bytes32 root,
        uint32 count,
        string calldata uri
    ) external returns (uint256 anchorId);

    /// @notice Demands evidence for a receipt, with a bond. Evidence is due after one evidence window for each challenge
    /// that is open on the anchor, so that a crowd of them cannot make a worker late that is right every time.
    function challenge(uint256 anchorId, Receipt calldata receipt, bytes32[] calldata proof) external payable;

    /// @notice Brings evidence for a challenged receipt: a proof if the version has a circuit, else an enclave's
    /// signature, both for `resultDigestOf` and the receipt's worker. Anyone may; the bond goes to the worker's operator.
    function fulfill(
        uint256 anchorId,
        Receipt calldata receipt,
        bytes calldata output,
        bytes calldata evidence
    ) external;

    /// @notice Ends a challenge whose evidence did not come, or whose anchor's stake is lost already. Anyone may.
    function resolve(uint256 anchorId, Receipt calldata receipt) external;

    /// @notice Lets go of the stake of an anchor whose window is over and on which no challenge is open. Anyone may.
    function release(uint256 anchorId) external;

    function anchorOf(uint256 anchorId) external view returns (Anchor memory);

    function challengeOf(uint256 anchorId, bytes32 leaf) external view returns (ReceiptChallenge memory);

    /// @notice Ids run from 1 to this.
    function anchorCount() external view returns (uint256);

    /// @notice EIP-712 digest that the worker signs; domain "Assay Receipts", "1". Type: Receipt(bytes32 versionId,
    /// bytes32 inputHash,bytes32 outputHash,address requester,address worker,uint40 answeredAt,uint64 nonce)
    function receiptDigestOf(Receipt calldata receipt) external view returns (bytes32);

    /// @notice The receipt's leaf: keccak256 of its digest, one word, so that no inner node of a tree, two words, is one.
    function leafOf(Receipt calldata receipt) external view returns (bytes32);

    /// @notice The digest that evidence binds, as the market's `resultDigest` and of the same type, but in this domain.
    /// `jobId` is the leaf and `deadline` the time of the answer, so evidence can be kept with the receipt.
    function resultDigestOf(Receipt calldata receipt) external view returns (bytes32);

    function parameters() external view returns (AnchorParameters memory);
}
