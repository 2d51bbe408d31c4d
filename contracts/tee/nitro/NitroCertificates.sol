// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";

import {INitroCertificates, NitroCertificate} from "../../interfaces/INitroCertificates.sol";
import {IP384} from "../../interfaces/IP384.sol";
import {Certificate384, Certificates384} from "./Certificate384.sol";
import {RevocationList384, RevocationLists384} from "./RevocationList384.sol";
import {Sha384} from "./Sha384.sol";

/// @title Certificates of AWS Nitro Enclaves up to the root that is pinned at construction
contract NitroCertificates is INitroCertificates, AccessManaged {
    /// @dev SHA-256 of the certificate "AWS Nitro Enclaves Root-G1" in DER.
    bytes32 private constant AWS_ROOT = 0x641a0321a3e244efe456463195d606317ed7cdcc3c1756e09893f3c68f79bb5b;
    /// @dev A document has none above 1,024.
    uint256 private constant MAX_BYTES = 2048;
    /// @dev Authorities below the root. AWS has three.
    uint8 private constant MAX_AUTHORITIES = 7;

    IP384 public immutable P384;
    bytes32 public immutable ROOT;
    bool public immutable override isSimulated;

    mapping(bytes32 id => NitroCertificate) private _certificates;
    mapping(bytes32 id => bool) private _isDistrusted;
    mapping(bytes32 id => bool) private _isRevoked;

    constructor(address authority, IP384 p384, bytes memory root) AccessManaged(authority) {
        P384 = p384;
        isSimulated = sha256(root) != AWS_ROOT;
        Certificate384 memory certificate = Certificates384.parse(root);
        NitroCertificate memory found = _storable(certificate);
        found.pathLength = found.pathLength < MAX_AUTHORITIES ? found.pathLength : MAX_AUTHORITIES;
        _requireIssued(p384, root, certificate, found);
        ROOT = certificate.id;
        _certificates[certificate.id] = found;
        emit CertificateRemembered(certificate.id, 0, found.notAfter);
    }

    /// @inheritdoc INitroCertificates
    function remember(bytes calldata certificate, bytes32 issuer) external override returns (bytes32 id) {
        if (certificate.length > MAX_BYTES) revert CertificateTooLong(certificate.length, MAX_BYTES);
        bytes memory der = certificate;
        Certificate384 memory read = Certificates384.parse(der);
        id = read.id;
        NitroCertificate storage had = _certificates[id];
        bool isKnown = had.subject != 0;
        if (isKnown && (had.isAuthority || had.issuer == issuer)) return id;

        NitroCertificate memory above = _remembered(issuer);
        NitroCertificate memory found = _storable(read);
        _requireIssued(P384, der, read, above);
        _putBelow(found, above, issuer);
        // Nothing hangs below a signer, so that it may be put elsewhere.
        if (isKnown && found.notAfter <= had.notAfter && distrustedAbove(id) == 0) return id;
        _certificates[id] = found;
        emit CertificateRemembered(id, issuer, found.notAfter);
    }

    /// @inheritdoc INitroCertificates
    function revoke(bytes32 certificate, bytes calldata list) external override {
        NitroCertificate memory found = _remembered(certificate);
        NitroCertificate memory issuer = _remembered(found.issuer);
        bytes memory der = list;
        RevocationList384 memory read = RevocationLists384.parse(der);
        if (read.issuer != issuer.subject) revert IssuerMismatch(read.issuer, issuer.subject);
        if (!issuer.signsLists) revert NotAnAuthority(issuer.serial);
        if (!RevocationLists384.has(der, read, found.serial)) revert NotListed(found.serial);
        bool isSigned = P384.isValid(Sha384.hash(der, read.signedFrom, read.signedTo), read.r, read.s, issuer.key);
        if (!isSigned) revert ListSignature(found.issuer);

        _isRevoked[certificate] = true;
        emit CertificateRevoked(certificate);
    }

    /// @inheritdoc INitroCertificates
    function trust(bytes32 certificate, bool trusted) external override restricted {
        _isDistrusted[certificate] = !trusted;
        emit CertificateTrusted(certificate, trusted);
    }

    /// @inheritdoc INitroCertificates
    function signerOf(bytes32 certificate) external view override returns (NitroCertificate memory found) {
        found = _remembered(certificate);
        if (found.isAuthority) revert NotASigner(found.serial);
    }

    /// @inheritdoc INitroCertificates
    function certificateOf(bytes32 certificate) external view override returns (NitroCertificate memory) {
        return _certificates[certificate];
    }

    /// @inheritdoc INitroCertificates
    /// @dev As many steps as there are certificates in a chain.
    function distrustedAbove(bytes32 certificate) public view override returns (bytes32) {
        while (certificate != 0) {
            if (_isDistrusted[certificate] || _isRevoked[certificate]) break;
            certificate = _certificates[certificate].issuer;
        }
        return certificate;
    }

    function _requireIssued(
        IP384 p384,
        bytes memory der,
        Certificate384 memory certificate,
        NitroCertificate memory issuer
    ) private view {
        if (certificate.issuer != issuer.subject) revert IssuerMismatch(certificate.issuer, issuer.subject);
        if (!issuer.isAuthority) revert NotAnAuthority(issuer.serial);
        bool isSigned = p384.isValid(
            Certificates384.digest(der, certificate),
            certificate.r,
            certificate.s,
            issuer.key
        );
        if (!isSigned) revert CertificateSignature(certificate.serial);
    }

    function _remembered(bytes32 id) private view returns (NitroCertificate memory found) {
        found = _certificates[id];
        if (found.subject == 0) revert CertificateUnknown(id);
    }

    /// @dev With what the certificate alone says.
    function _storable(Certificate384 memory certificate) private pure returns (NitroCertificate memory found) {
        found.isAuthority = certificate.extensions.isAuthority;
        bool isUsable = found.isAuthority ? certificate.extensions.signsCertificates : certificate.extensions.signsData;
        if (!isUsable) {
            if (found.isAuthority) revert NotAnAuthority(certificate.serial);
            revert NotASigner(certificate.serial);
        }
        found.subject = certificate.subject;
        found.serial = certificate.serial;
        (found.notBefore, found.notAfter) = (certificate.notBefore, certificate.notAfter);
        found.pathLength = certificate.extensions.pathLength;
        found.signsLists = certificate.extensions.signsLists;
        found.key = certificate.key;
    }

    /// @dev With what the certificates above leave of it.
    function _putBelow(NitroCertificate memory found, NitroCertificate memory above, bytes32 issuer) private pure {
        found.issuer = issuer;
        if (above.notBefore > found.notBefore) found.notBefore = above.notBefore;
        if (above.notAfter < found.notAfter) found.notAfter = above.notAfter;
        if (!found.isAuthority) {
            found.pathLength = 0;
            return;
        }
        if (above.pathLength == 0) revert PathTooLong(found.serial);
        if (above.pathLength <= found.pathLength) found.pathLength = above.pathLength - 1;
    }
}
