// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {P256Signature} from "../../libraries/P256Signature.sol";
import {ICertificateStore, Leaf} from "../../interfaces/ICertificateStore.sol";
import {ICollateralReader} from "../../interfaces/ICollateralReader.sol";
import {ICollateralRegistry} from "../../interfaces/ICollateralRegistry.sol";
import {EnclaveIdentity} from "./EnclaveIdentity.sol";
import {TcbInfo, TcbInfoText, TcbLevel} from "./TcbInfo.sol";
import {TdxModule} from "./TdxModule.sol";

/// @title Collateral that Intel signed, checked and kept
abstract contract PostedCollateral is ICollateralRegistry {
    ICertificateStore public immutable CERTIFICATES;
    ICollateralReader public immutable READER;

    mapping(bytes32 family => TcbInfo) internal _infos;
    mapping(bytes32 family => TcbLevel[]) internal _levels;
    mapping(bytes32 family => TdxModule[]) internal _modules;
    mapping(bool isTdx => EnclaveIdentity) internal _identities;

    constructor(ICertificateStore certificates, ICollateralReader reader) {
        CERTIFICATES = certificates;
        READER = reader;
    }

    /// @inheritdoc ICollateralRegistry
    function postTcbInfo(bytes calldata signerChain, bytes calldata text, bytes32 r, bytes32 s) external override {
        _requireSigned(signerChain, text, r, s);
        TcbInfoText memory parsed = READER.tcbInfo(text);
        TcbInfo memory info = parsed.info;
        bytes32 family = _family(info.isTdx, info.fmspc, info.pceId);
        TcbInfo memory had = _infos[family];
        _requireNewer(info.issuedAt, info.nextUpdate, info.evaluation, had.issuedAt, had.evaluation);

        _infos[family] = info;
        delete _levels[family];
        for (uint256 i = 0; i < parsed.levels.length; ++i) _levels[family].push(parsed.levels[i]);
        delete _modules[family];
        for (uint256 i = 0; i < parsed.modules.length; ++i) _modules[family].push(parsed.modules[i]);
        emit TcbInfoPosted(info.fmspc, info.pceId, info.isTdx, info.issuedAt, info.nextUpdate);
    }

    /// @inheritdoc ICollateralRegistry
    function postIdentity(bytes calldata signerChain, bytes calldata text, bytes32 r, bytes32 s) external override {
        _requireSigned(signerChain, text, r, s);
        (bytes32 id, EnclaveIdentity memory identity) = READER.identity(text);
        bool isTdx = id == keccak256("TD_QE");
        if (!isTdx && id != keccak256("QE")) revert IdentityUnknown(id);
        EnclaveIdentity storage had = _identities[isTdx];
        _requireNewer(identity.issuedAt, identity.nextUpdate, identity.evaluation, had.issuedAt, had.evaluation);

        _identities[isTdx] = identity;
        emit IdentityPosted(isTdx, identity.issuedAt, identity.nextUpdate);
    }

    /// @inheritdoc ICollateralRegistry
    function tcbInfoUntil(bool isTdx, bytes6 fmspc, bytes2 pceId) external view override returns (uint40) {
        return _infos[_family(isTdx, fmspc, pceId)].nextUpdate;
    }

    /// @inheritdoc ICollateralRegistry
    function identityUntil(bool isTdx) external view override returns (uint40) {
        return _identities[isTdx].nextUpdate;
    }

    function _requireCurrent(uint40 issuedAt, uint40 nextUpdate) internal view {
        bool isCurrent = issuedAt <= block.timestamp && block.timestamp < nextUpdate;
        if (!isCurrent) revert CollateralNotCurrent(issuedAt, nextUpdate);
    }

    function _family(bool isTdx, bytes6 fmspc, bytes2 pceId) internal pure returns (bytes32) {
        return keccak256(abi.encode(isTdx, fmspc, pceId));
    }

    function _requireSigned(bytes calldata signerChain, bytes calldata text, bytes32 r, bytes32 s) private view {
        Leaf memory signer = CERTIFICATES.collateralSigner(signerChain);
        bytes32 digest = sha256(text);
        if (!P256Signature.isValid(digest, r, s, signer.x, signer.y)) revert CollateralSignature(digest);
    }

    /// @dev Older collateral can still be within its dates; to post it must not undo what came after.
    function _requireNewer(
        uint40 issuedAt,
        uint40 nextUpdate,
        uint32 evaluation,
        uint40 hadIssuedAt,
        uint32 hadEvaluation
    ) private view {
        _requireCurrent(issuedAt, nextUpdate);
        bool isNewer = issuedAt > hadIssuedAt && evaluation >= hadEvaluation;
        if (!isNewer) revert CollateralSuperseded(issuedAt, hadIssuedAt);
    }
}
