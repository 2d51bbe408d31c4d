// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";

import {ICertificateStore} from "../../interfaces/ICertificateStore.sol";
import {ICollateralReader} from "../../interfaces/ICollateralReader.sol";
import {Assessment, ICollateralRegistry, MinimumTcb, QuoteTcb} from "../../interfaces/ICollateralRegistry.sol";
import {EnclaveIdentities, EnclaveIdentity} from "./EnclaveIdentity.sol";
import {PlatformTcb} from "./PckExtension.sol";
import {PostedCollateral} from "./PostedCollateral.sol";
import {Svns} from "./Svns.sol";
import {TcbInfo, TcbLevel} from "./TcbInfo.sol";
import {TcbStatus, TcbStatuses} from "./TcbStatus.sol";
import {TdxModule} from "./TdxModule.sol";

/// @title Assesses platforms by Intel's lists, or by the administrator's minimum where these are absent
contract CollateralRegistry is PostedCollateral, AccessManaged {
    using TcbStatuses for TcbStatus;
    using Svns for bytes16;

    /// @dev The signer of Intel's own modules: 48 zeros.
    bytes32 private constant NO_MR_SIGNER = keccak256(new bytes(48));

    uint8 public override acceptedStatuses = uint8(1 << uint8(TcbStatus.UpToDate));
    bool public override listsRequired = true;
    mapping(bool isTdx => MinimumTcb) private _minimums;

    constructor(
        address authority,
        ICertificateStore certificates,
        ICollateralReader reader
    ) PostedCollateral(certificates, reader) AccessManaged(authority) {}

    /// @inheritdoc ICollateralRegistry
    function setMinimum(bool isTdx, MinimumTcb calldata minimum) external override restricted {
        _minimums[isTdx] = minimum;
        emit MinimumSet(isTdx, minimum);
    }

    /// @inheritdoc ICollateralRegistry
    function acceptStatuses(uint8 statuses) external override restricted {
        uint256 never = (1 << uint8(TcbStatus.Unlisted)) | (1 << uint8(TcbStatus.Revoked));
        if (statuses & never != 0) revert StatusesInvalid(statuses);
        acceptedStatuses = statuses;
        emit StatusesAccepted(statuses);
    }

    /// @inheritdoc ICollateralRegistry
    function requireLists(bool required) external override restricted {
        listsRequired = required;
        emit ListsRequired(required);
    }

    /// @inheritdoc ICollateralRegistry
    function assess(
        PlatformTcb calldata platform,
        QuoteTcb calldata quote
    ) external view override returns (Assessment memory) {
        (TcbStatus ofPlatform, uint40 platformUntil, bool isListed) = _platform(platform, quote);
        (TcbStatus ofEnclave, uint40 enclaveUntil, bool isIdentified) = _quotingEnclave(quote);
        TcbStatus status = ofPlatform.with(ofEnclave);
        if ((acceptedStatuses >> uint8(status)) & 1 == 0) revert TcbStatusRefused(status);
        return
            Assessment({
                status: status,
                byCollateral: isListed && isIdentified,
                validUntil: platformUntil < enclaveUntil ? platformUntil : enclaveUntil
            });
    }

    /// @inheritdoc ICollateralRegistry
    function minimumOf(bool isTdx) external view override returns (MinimumTcb memory) {
        return _minimums[isTdx];
    }

    function _platform(
        PlatformTcb calldata platform,
        QuoteTcb calldata quote
    ) private view returns (TcbStatus status, uint40 until, bool isListed) {
        bytes32 family = _family(quote.isTdx, platform.fmspc, platform.pceId);
        TcbInfo memory info = _infos[family];
        if (info.issuedAt == 0) return (TcbStatus.UpToDate, _requirePlatformMinimum(platform, quote), false);

        _requireCurrent(info.issuedAt, info.nextUpdate);
        // From version 1 on the module has a list of its own, and the first two numbers are its.
        uint8 moduleVersion = uint8(quote.teeSvns[1]);
        status = _levelOf(_levels[family], platform, quote, moduleVersion == 0 ? 0 : 2);
        if (quote.isTdx) status = status.with(_moduleStatus(_modules[family], quote, moduleVersion));
        return (status, info.nextUpdate, true);
    }

    function _quotingEnclave(
        QuoteTcb calldata quote
    ) private view returns (TcbStatus status, uint40 until, bool isIdentified) {
        EnclaveIdentity memory identity = _identities[quote.isTdx];
        if (identity.issuedAt == 0) return (TcbStatus.UpToDate, _requireEnclaveMinimum(quote), false);

        _requireCurrent(identity.issuedAt, identity.nextUpdate);
        bool isKnown =
            quote.qeMrSigner == identity.mrSigner &&
                quote.qeProdId == identity.isvProdId &&
                (quote.qeAttributes ^ identity.attributes) & identity.attributesMask == 0 &&
                (quote.qeMiscSelect ^ identity.miscSelect) & identity.miscSelectMask == 0;
        if (!isKnown) revert QuotingEnclaveUnknown(quote.qeMrSigner, quote.qeProdId);
        return (EnclaveIdentities.statusOf(identity.levels, quote.qeSvn), identity.nextUpdate, true);
    }

    /// @dev The list goes from the highest level down, and the first one that is met counts.
    function _levelOf(
        TcbLevel[] storage levels,
        PlatformTcb calldata platform,
        QuoteTcb calldata quote,
        uint256 firstTdx
    ) private view returns (TcbStatus) {
        for (uint256 i = 0; i < levels.length; ++i) {
            TcbLevel memory level = levels[i];
            bool isMet =
                platform.pceSvn >= level.pceSvn &&
                    platform.componentSvns.meet(level.sgxSvns, 0) &&
                    (!quote.isTdx || quote.teeSvns.meet(level.tdxSvns, firstTdx));
            if (isMet) return level.status;
        }
        return TcbStatus.Unlisted;
    }

    function _moduleStatus(
        TdxModule[] storage modules,
        QuoteTcb calldata quote,
        uint8 version
    ) private view returns (TcbStatus) {
        if (version == 0) {
            _requireIntelsModule(quote);
            return TcbStatus.UpToDate;
        }
        for (uint256 i = 0; i < modules.length; ++i) {
            if (modules[i].version != version) continue;
            TdxModule memory module = modules[i];
            bool isKnown =
                quote.moduleMrSigner == module.mrSigner &&
                    (quote.moduleAttributes ^ module.attributes) & module.attributesMask == 0;
            if (!isKnown) break;
            return EnclaveIdentities.statusOf(module.levels, uint8(quote.teeSvns[0]));
        }
        revert TdxModuleUnknown(version);
    }

    function _requirePlatformMinimum(
        PlatformTcb calldata platform,
        QuoteTcb calldata quote
    ) private view returns (uint40 until) {
        MinimumTcb memory minimum = _minimums[quote.isTdx];
        if (minimum.until <= block.timestamp) revert TcbInfoMissing(platform.fmspc, quote.isTdx);
        bool isMet =
            platform.pceSvn >= minimum.pceSvn &&
                platform.componentSvns.meet(minimum.sgxSvns, 0) &&
                quote.teeSvns.meet(minimum.tdxSvns, 0);
        if (!isMet) revert BelowMinimum(quote.isTdx);
        if (quote.isTdx) _requireIntelsModule(quote);
        return minimum.until;
    }

    function _requireEnclaveMinimum(QuoteTcb calldata quote) private view returns (uint40 until) {
        MinimumTcb memory minimum = _minimums[quote.isTdx];
        if (minimum.until <= block.timestamp) revert IdentityMissing(quote.isTdx);
        bool isKnown = quote.qeMrSigner == minimum.qeMrSigner && quote.qeProdId == minimum.qeProdId;
        if (!isKnown) revert QuotingEnclaveUnknown(quote.qeMrSigner, quote.qeProdId);
        if (quote.qeSvn < minimum.qeSvn) revert BelowMinimum(quote.isTdx);
        return minimum.until;
    }

    function _requireIntelsModule(QuoteTcb calldata quote) private pure {
        bool isIntels = quote.moduleMrSigner == NO_MR_SIGNER && quote.moduleAttributes == 0;
        if (!isIntels) revert TdxModuleUnknown(uint8(quote.teeSvns[1]));
    }
}
