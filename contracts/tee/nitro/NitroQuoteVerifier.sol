// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {INitroCertificates, NitroCertificate} from "../../interfaces/INitroCertificates.sol";
import {INitroQuoteVerifier, NitroReport} from "../../interfaces/INitroQuoteVerifier.sol";
import {IP384} from "../../interfaces/IP384.sol";
import {IQuoteVerifier, QuoteReport, QuoteStanding} from "../../interfaces/IQuoteVerifier.sol";
import {Certificates384} from "./Certificate384.sol";
import {NitroDocument, NitroDocuments} from "./NitroDocument.sol";

/// @title Verifies attestation documents by certificates that were remembered
contract NitroQuoteVerifier is INitroQuoteVerifier {
    using NitroDocuments for bytes;

    bytes32 public constant override kind = "nitro";

    bytes32 private constant TAG = "assay.measurement.nitro";
    /// @dev PCR0 in debug mode: 48 zeros.
    bytes32 private constant NO_PCR = keccak256(new bytes(48));
    uint256 private constant REPORT_DATA_BYTES = 64;
    /// @dev How far the clocks of chain and machine may be apart, and how long it may take to show a document.
    uint64 private constant TOLERANCE = 5 minutes;
    uint64 private constant MAX_DELAY = 1 hours;

    INitroCertificates public immutable CERTIFICATES;
    IP384 public immutable P384;
    /// @notice Seconds for which a document counts from when it was made.
    uint64 public immutable MAX_AGE;

    constructor(INitroCertificates certificates, IP384 p384, uint64 maxAge) {
        CERTIFICATES = certificates;
        P384 = p384;
        MAX_AGE = maxAge;
    }

    /// @inheritdoc IQuoteVerifier
    function verify(bytes calldata quote) external view override returns (QuoteReport memory report) {
        (NitroReport memory found, NitroCertificate memory signer) = _signed(quote);
        _requireTrusted(found.certificate);
        _requireValid(signer);
        if (found.timestamp > block.timestamp + TOLERANCE) revert DocumentFromFuture(found.timestamp);
        if (found.timestamp + MAX_DELAY < block.timestamp) revert DocumentStale(found.timestamp);

        _requireReportData(found);
        report.measurement = found.measurement;
        (report.reportDataHigh, report.reportDataLow) = abi.decode(found.userData, (bytes32, bytes32));
        report.validUntil = found.timestamp + MAX_AGE;
    }

    /// @inheritdoc IQuoteVerifier
    /// @dev Nothing that fails here is caught, so that lack of gas ends the call as any other failure does.
    function standingOf(bytes calldata quote) external view override returns (QuoteStanding) {
        (NitroReport memory found, ) = _signed(quote);
        if (CERTIFICATES.distrustedAbove(found.certificate) != 0) return QuoteStanding.Revoked;
        _requireReportData(found);
        return QuoteStanding.Good;
    }

    /// @inheritdoc INitroQuoteVerifier
    function inspect(bytes calldata document) external view override returns (NitroReport memory found) {
        NitroCertificate memory signer;
        (found, signer) = _signed(document);
        _requireTrusted(found.certificate);
        _requireValid(signer);
    }

    /// @inheritdoc IQuoteVerifier
    function isSimulated() external view override returns (bool) {
        return CERTIFICATES.isSimulated();
    }

    function _signed(
        bytes calldata quote
    ) private view returns (NitroReport memory found, NitroCertificate memory signer) {
        if (quote.length > NitroDocuments.MAX_BYTES) {
            revert NitroDocuments.DocumentTooLong(quote.length, NitroDocuments.MAX_BYTES);
        }
        bytes memory document = quote;
        NitroDocument memory parts = document.read();
        found.certificate = Certificates384.idOf(document.slice(parts.certificate));
        signer = CERTIFICATES.signerOf(found.certificate);
        bool isSigned = P384.isValid(document.digest(parts), parts.r, parts.s, signer.key);
        if (!isSigned) revert DocumentSignature();

        found.measurement = _measurement(document, parts);
        found.timestamp = parts.timestamp / 1000;
        found.isDebug = keccak256(document.slice(parts.pcr0)) == NO_PCR;
        found.userData = document.slice(parts.userData);
        found.nonce = document.slice(parts.nonce);
        found.publicKey = document.slice(parts.publicKey);
    }

    function _requireTrusted(bytes32 certificate) private view {
        bytes32 distrusted = CERTIFICATES.distrustedAbove(certificate);
        if (distrusted != 0) revert INitroCertificates.CertificateDistrusted(distrusted);
    }

    function _requireValid(NitroCertificate memory signer) private view {
        if (block.timestamp < signer.notBefore) revert CertificateNotYetValid(signer.notBefore);
        if (block.timestamp > signer.notAfter) revert CertificateExpired(signer.notAfter);
    }

    function _requireReportData(NitroReport memory found) private pure {
        if (found.isDebug) revert DebugEnclave();
        uint256 length = found.userData.length;
        if (length != REPORT_DATA_BYTES) revert UserDataLength(length, REPORT_DATA_BYTES);
    }

    function _measurement(bytes memory document, NitroDocument memory parts) private pure returns (bytes32) {
        return
            keccak256(
                abi.encodePacked(
                    TAG,
                    document.slice(parts.pcr0),
                    document.slice(parts.pcr1),
                    document.slice(parts.pcr2)
                )
            );
    }
}
