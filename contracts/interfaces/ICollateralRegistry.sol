// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {PlatformTcb} from "../tee/dcap/PckExtension.sol";
import {TcbStatus} from "../tee/dcap/TcbStatus.sol";

/// @notice What a quote says about its platform, besides the certificate.
struct QuoteTcb {
    bool isTdx;
    /// The first two numbers are those of the TDX module, minor and major. Zero with SGX, like the next two.
    bytes16 teeSvns;
    /// Keccak-256 of the 48 bytes.
    bytes32 moduleMrSigner;
    bytes8 moduleAttributes;
    /// Of the quoting enclave.
    bytes32 qeMrSigner;
    bytes16 qeAttributes;
    bytes4 qeMiscSelect;
    uint16 qeProdId;
    uint16 qeSvn;
}

/// @notice The lowest versions that do where Intel's lists are absent.
struct MinimumTcb {
    // slot 0
    bytes32 qeMrSigner;
    // slot 1
    bytes16 sgxSvns;
    bytes16 tdxSvns;
    // slot 2
    uint16 pceSvn;
    uint16 qeProdId;
    uint16 qeSvn;
    /// Until when the administrator stands by it; zero withdraws it.
    uint40 until;
}

struct Assessment {
    /// In Intel's words. A part that was held against the minimum counts as up to date.
    TcbStatus status;
    /// True if platform and quoting enclave were both held against lists that Intel signed.
    bool byCollateral;
    uint40 validUntil;
}

/// @title What Intel says about security versions, and what of it a deployment takes
/// @notice Anyone may post TCB info and quoting enclave identities: they carry Intel's signature over their exact bytes,
/// which is checked once. Where they were posted they count and must be current. Where they were never posted, for a
/// family of platforms (FMSPC) or for the quoting enclaves, the administrator's minimum counts, if there is one.
interface ICollateralRegistry {
    event TcbInfoPosted(bytes6 indexed fmspc, bytes2 pceId, bool indexed isTdx, uint40 issuedAt, uint40 nextUpdate);
    event IdentityPosted(bool indexed isTdx, uint40 issuedAt, uint40 nextUpdate);
    event MinimumSet(bool indexed isTdx, MinimumTcb minimum);
    event StatusesAccepted(uint8 statuses);
    event ListsRequired(bool required);

    error CollateralSignature(bytes32 digest);
    error CollateralNotCurrent(uint40 issuedAt, uint40 nextUpdate);
    /// @notice Collateral at least as new was posted before.
    error CollateralSuperseded(uint40 issuedAt, uint40 had);
    /// @notice The identity is neither the one of "QE" nor of "TD_QE".
    error IdentityUnknown(bytes32 id);
    /// @notice A set of statuses with one that may never do: unlisted or revoked.
    error StatusesInvalid(uint8 statuses);
    /// @notice No TCB info for this family of platforms, and no minimum in force.
    error TcbInfoMissing(bytes6 fmspc, bool isTdx);
    error IdentityMissing(bool isTdx);
    error BelowMinimum(bool isTdx);
    error QuotingEnclaveUnknown(bytes32 mrSigner, uint16 prodId);
    error TdxModuleUnknown(uint8 version);
    error TcbStatusRefused(TcbStatus status);

    /// @param signerChain Intel's certificate for signing collateral and the root, in PEM.
    /// @param info the value of "tcbInfo" exactly as signed.
    function postTcbInfo(bytes calldata signerChain, bytes calldata info, bytes32 r, bytes32 s) external;

    /// @param identity the value of "enclaveIdentity" exactly as signed.
    function postIdentity(bytes calldata signerChain, bytes calldata identity, bytes32 r, bytes32 s) external;

    /// @notice Administrator: what does where Intel's lists were never posted.
    function setMinimum(bool isTdx, MinimumTcb calldata minimum) external;

    /// @notice Administrator: the statuses that do, as bits `1 << status`.
    function acceptStatuses(uint8 statuses) external;

    /// @notice Administrator: whether quotes need current revocation lists of both issuers.
    function requireLists(bool required) external;

    /// @notice Reverts unless the status does.
    function assess(PlatformTcb calldata platform, QuoteTcb calldata quote) external view returns (Assessment memory);

    function listsRequired() external view returns (bool);

    function acceptedStatuses() external view returns (uint8);

    function minimumOf(bool isTdx) external view returns (MinimumTcb memory);

    /// @notice Until when the TCB info of a family of platforms is current; zero if none was posted.
    function tcbInfoUntil(bool isTdx, bytes6 fmspc, bytes2 pceId) external view returns (uint40);

    function identityUntil(bool isTdx) external view returns (uint40);
}
