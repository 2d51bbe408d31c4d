// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {P256Signature} from "../../libraries/P256Signature.sol";
import {ICertificateStore, Leaf} from "../../interfaces/ICertificateStore.sol";
import {Assessment, ICollateralRegistry, QuoteTcb} from "../../interfaces/ICollateralRegistry.sol";
import {DcapReport, IDcapQuoteVerifier} from "../../interfaces/IDcapQuoteVerifier.sol";
import {IQuoteVerifier, QuoteReport, QuoteStanding} from "../../interfaces/IQuoteVerifier.sol";
import {QuoteLayout, Quotes} from "./Quote.sol";
import {ReportBody} from "./ReportBody.sol";
import {TcbStatus} from "./TcbStatus.sol";

/// @title Verifies DCAP quotes from the pinned root down to the code that runs
contract DcapQuoteVerifier is IDcapQuoteVerifier {
    bytes32 public constant override kind = "dcap";

    ICertificateStore public immutable CERTIFICATES;
    ICollateralRegistry public immutable COLLATERAL;
    /// @notice Seconds for which a quote counts at most before it has to be shown again.
    uint64 public immutable MAX_AGE;

    constructor(ICertificateStore certificates, ICollateralRegistry collateral, uint64 maxAge) {
        CERTIFICATES = certificates;
        COLLATERAL = collateral;
        MAX_AGE = maxAge;
    }

    /// @inheritdoc IQuoteVerifier
    function verify(bytes calldata quote) external view override returns (QuoteReport memory) {
        return _inspect(quote).report;
    }

    /// @inheritdoc IQuoteVerifier
    /// @dev The reasons that decide are typed errors that follow from what is stored, and every call between them and
    /// here passes them on whole. Who runs out of gas anywhere leaves no data or another error, which is none of them.
    function standingOf(bytes calldata quote) external view override returns (QuoteStanding) {
        try this.verify(quote) {
            return QuoteStanding.Good;
        } catch (bytes memory reason) {
            return _standingFrom(reason);
        }
    }

    /// @inheritdoc IDcapQuoteVerifier
    function inspect(bytes calldata quote) external view override returns (DcapReport memory) {
        return _inspect(quote);
    }

    /// @inheritdoc IQuoteVerifier
    function isSimulated() external view override returns (bool) {
        return CERTIFICATES.isSimulated();
    }

    function _inspect(bytes calldata quote) private view returns (DcapReport memory found) {
        QuoteLayout memory parts = Quotes.read(quote);
        (Leaf memory pck, uint40 listsUntil) = CERTIFICATES.platform(quote[parts.chain:parts.chainEnd]);
        _requireSigned(quote, parts, pck);

        bytes calldata body = quote[parts.body:parts.bodyEnd];
        bytes calldata qeReport = quote[parts.qeReport:parts.qeReport + Quotes.SGX_BODY];
        Assessment memory assessment = COLLATERAL.assess(pck.tcb, _tcb(parts.isTdx, body, qeReport));
        found.listsCurrent = listsUntil >= block.timestamp;
        bool needsLists = COLLATERAL.listsRequired();
        if (needsLists && !found.listsCurrent) revert ListsNotCurrent(listsUntil);

        (found.version, found.isTdx) = (parts.version, parts.isTdx);
        (found.fmspc, found.pckSerial) = (pck.tcb.fmspc, pck.serial);
        (found.status, found.byCollateral) = (assessment.status, assessment.byCollateral);
        found.report = parts.isTdx ? _tdx(body) : _sgx(body);
        uint256 until = block.timestamp + MAX_AGE;
        until = _least(until, pck.notAfter);
        until = _least(until, assessment.validUntil);
        found.report.validUntil = uint64(needsLists ? _least(until, listsUntil) : until);
    }

    /// @dev The PCK signs the quoting enclave's report, that vouches for the attestation key, and this signs the quote.
    function _requireSigned(bytes calldata quote, QuoteLayout memory parts, Leaf memory pck) private view {
        bytes calldata qeReport = quote[parts.qeReport:parts.qeReport + Quotes.SGX_BODY];
        bytes calldata signature = quote[parts.qeReport + Quotes.SGX_BODY:];
        if (!_isSigned(sha256(qeReport), signature, pck.x, pck.y)) revert QuotingEnclaveSignature();

        bytes calldata key = quote[parts.signature + 64:parts.signature + 128];
        bytes32 needed = sha256(abi.encodePacked(key, quote[parts.authData:parts.authDataEnd]));
        bytes32 had = bytes32(qeReport[320:352]);
        if (had != needed || bytes32(qeReport[352:384]) != 0) revert AttestationKeyMismatch(had, needed);

        bytes32 digest = sha256(quote[:parts.bodyEnd]);
        bool isSigned = _isSigned(digest, quote[parts.signature:], bytes32(key[:32]), bytes32(key[32:]));
        if (!isSigned) revert QuoteSignature();
    }

    function _isSigned(bytes32 digest, bytes calldata signature, bytes32 x, bytes32 y) private view returns (bool) {
        return P256Signature.isValid(digest, bytes32(signature[:32]), bytes32(signature[32:64]), x, y);
    }

    function _tcb(
        bool isTdx,
        bytes calldata body,
        bytes calldata qeReport
    ) private pure returns (QuoteTcb memory quote) {
        // Also where a mask of attributes would leave it open.
        if (uint8(qeReport[48]) & 0x02 != 0) revert QuotingEnclaveDebug();
        quote.isTdx = isTdx;
        if (isTdx) {
            quote.teeSvns = bytes16(body[:16]);
            quote.moduleMrSigner = keccak256(body[64:112]);
            quote.moduleAttributes = bytes8(body[112:120]);
        }
        quote.qeMiscSelect = bytes4(qeReport[16:20]);
        quote.qeAttributes = bytes16(qeReport[48:64]);
        quote.qeMrSigner = bytes32(qeReport[128:160]);
        quote.qeProdId = _littleEndian(bytes2(qeReport[256:258]));
        quote.qeSvn = _littleEndian(bytes2(qeReport[258:260]));
    }

    /// @dev Anything else is passed on.
    function _standingFrom(bytes memory reason) private pure returns (QuoteStanding) {
        bytes4 selector = bytes4(reason);
        if (selector == ICertificateStore.CertificateRevoked.selector) return QuoteStanding.Revoked;
        if (selector == ICollateralRegistry.TcbStatusRefused.selector) {
            return _wordOf(reason) == uint8(TcbStatus.Revoked) ? QuoteStanding.Revoked : QuoteStanding.Outdated;
        }
        bool isOutdated =
            selector == ICollateralRegistry.BelowMinimum.selector ||
                selector == ICollateralRegistry.QuotingEnclaveUnknown.selector ||
                selector == ICollateralRegistry.TdxModuleUnknown.selector;
        if (isOutdated) return QuoteStanding.Outdated;
        assembly ("memory-safe") {
            revert(add(reason, 0x20), mload(reason))
        }
    }

    /// @dev The first argument of an error.
    function _wordOf(bytes memory reason) private pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := mload(add(reason, 0x24))
        }
    }

    function _sgx(bytes calldata body) private pure returns (QuoteReport memory report) {
        ReportBody.requireSgxProduction(body);
        report.measurement = ReportBody.sgxMeasurement(body);
        report.reportDataHigh = bytes32(body[320:352]);
        report.reportDataLow = bytes32(body[352:384]);
    }

    function _tdx(bytes calldata body) private pure returns (QuoteReport memory report) {
        ReportBody.requireTdxProduction(body);
        report.measurement = ReportBody.tdxMeasurement(body);
        report.reportDataHigh = bytes32(body[520:552]);
        report.reportDataLow = bytes32(body[552:584]);
    }

    function _littleEndian(bytes2 number) private pure returns (uint16) {
        return (uint16(uint8(number[1])) << 8) | uint8(number[0]);
    }

    function _least(uint256 a, uint256 b) private pure returns (uint256) {
        return a < b ? a : b;
    }
}
