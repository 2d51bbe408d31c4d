// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {P256Signature} from "../../libraries/P256Signature.sol";
import {Authority, ICertificateStore, Leaf} from "../../interfaces/ICertificateStore.sol";
import {PckExtension, PlatformTcb} from "../dcap/PckExtension.sol";
import {Pem} from "./Pem.sol";
import {Revocations} from "./Revocations.sol";
import {Certificate, X509} from "./X509.sol";

/// @title Chains of certificates up to the root that is pinned at construction
contract CertificateStore is ICertificateStore, Revocations {
    using Pem for bytes;

    /// @dev The key of the Intel SGX Root CA.
    bytes32 private constant INTEL_X = 0x0ba9c4c0c0c86193a3fe23d6b02cda10a8bbd4e88e48b4458561a36e705525f5;
    bytes32 private constant INTEL_Y = 0x67918e2edc88e40d860bd0cc4ee26aacc988e505a953558c453f6b0904ae7394;

    /// @dev The common names of who signs collateral: a root certifies others that sign, too.
    bytes32 private constant INTEL_SIGNER = keccak256("Intel SGX TCB Signing");
    bytes32 private constant SIMULATED_SIGNER = keccak256("SIMULATED SGX TCB Signing");

    bytes32 public immutable ROOT_X;
    bytes32 public immutable ROOT_Y;
    bool public immutable override isSimulated;

    // By the hash of the PEM text: of an authority and the root, and of a leaf with these.
    mapping(bytes32 chain => Authority) private _authorities;
    mapping(bytes32 chain => Leaf) private _leaves;

    constructor(bytes32 rootX, bytes32 rootY) {
        ROOT_X = rootX;
        ROOT_Y = rootY;
        isSimulated = rootX != INTEL_X || rootY != INTEL_Y;
    }

    /// @inheritdoc ICertificateStore
    function remember(bytes calldata chain) external override {
        bytes calldata text = _trim(chain);
        bytes calldata issuers = text[text.endOf(0):];
        Authority memory authority = _authority(issuers);
        Leaf memory leaf = _platform(text, issuers, authority);

        _authorities[keccak256(issuers)] = authority;
        _leaves[keccak256(text)] = leaf;
        emit ChainRemembered(keccak256(text), _keyOf(authority), leaf.notAfter);
    }

    /// @inheritdoc ICertificateStore
    function enterRevocations(bytes calldata issuerChain, bytes calldata list, uint256 maxEntries) external override {
        bytes calldata text = _trim(issuerChain);
        bool isRoot = text.endOf(0) == text.length;
        Authority memory issuer = isRoot ? _root(text) : _authority(text);
        _requireValid(issuer.notBefore, issuer.notAfter);
        if (!isRoot) _requireNotRevoked(rootKey(), issuer.serial);
        _enter(issuer, list, maxEntries);
    }

    /// @inheritdoc ICertificateStore
    function platform(bytes calldata chain) external view override returns (Leaf memory leaf, uint40 listsUntil) {
        bytes calldata text = _trim(chain);
        bytes calldata issuers = text[text.endOf(0):];
        Authority memory authority = _authority(issuers);
        leaf = _platform(text, issuers, authority);

        _requireValid(leaf.notBefore, leaf.notAfter);
        bytes32 issuerKey = _keyOf(authority);
        _requireNotRevoked(rootKey(), authority.serial);
        _requireNotRevoked(issuerKey, leaf.serial);
        (uint40 ofRoot, uint40 ofIssuer) = (listUntil(rootKey()), listUntil(issuerKey));
        listsUntil = ofRoot < ofIssuer ? ofRoot : ofIssuer;
    }

    /// @inheritdoc ICertificateStore
    function collateralSigner(bytes calldata chain) external view override returns (Leaf memory leaf) {
        bytes calldata text = _trim(chain);
        uint256 end = text.endOf(0);
        Authority memory root = _root(text[end:]);
        bytes memory der = Pem.decode(text[:end]);
        Certificate memory certificate = X509.parse(der);
        _requireIssued(certificate, root);
        bool signs = certificate.extensions.signsData && !certificate.extensions.isAuthority;
        bool isNamed =
            X509.commonNameAt(der, certificate.subjectFrom, certificate.subjectTo) ==
                (isSimulated ? SIMULATED_SIGNER : INTEL_SIGNER);
        if (!signs || !isNamed || certificate.extensions.sgxTo != 0) revert NotASigner(certificate.serial);

        leaf = _leaf(certificate, root);
        _requireValid(leaf.notBefore, leaf.notAfter);
        _requireNotRevoked(rootKey(), leaf.serial);
    }

    /// @notice The issuer key of the root: the hash of its coordinates.
    function rootKey() public view returns (bytes32) {
        return keccak256(abi.encode(ROOT_X, ROOT_Y));
    }

    function _platform(
        bytes calldata text,
        bytes calldata issuers,
        Authority memory authority
    ) private view returns (Leaf memory leaf) {
        leaf = _leaves[keccak256(text)];
        if (leaf.serial != 0) return leaf;

        Certificate memory certificate;
        (certificate, leaf.tcb) = _readPck(text[:text.length - issuers.length]);
        _requireIssued(certificate, authority);
        PlatformTcb memory tcb = leaf.tcb;
        leaf = _leaf(certificate, authority);
        leaf.tcb = tcb;
    }

    function _authority(bytes calldata issuers) private view returns (Authority memory authority) {
        authority = _authorities[keccak256(issuers)];
        if (authority.serial != 0) return authority;

        uint256 end = issuers.endOf(0);
        Authority memory root = _root(issuers[end:]);
        Certificate memory certificate = X509.parse(Pem.decode(issuers[:end]));
        _requireIssued(certificate, root);
        authority = _authorityOf(certificate);
        if (root.notBefore > authority.notBefore) authority.notBefore = root.notBefore;
        if (root.notAfter < authority.notAfter) authority.notAfter = root.notAfter;
    }

    /// @dev The key alone would do, but then bytes of the root's certificate would be free to change.
    function _root(bytes calldata text) private view returns (Authority memory authority) {
        if (text.endOf(0) != text.length) revert ChainTrailingBytes(text.endOf(0));
        Certificate memory certificate = X509.parse(text.decode());
        bool isPinned = certificate.x == ROOT_X && certificate.y == ROOT_Y;
        if (!isPinned) revert RootUnknown(certificate.x, certificate.y);
        authority = _authorityOf(certificate);
        if (certificate.extensions.pathLength == 0) revert NotAnAuthority(certificate.serial);
        _requireIssued(certificate, authority);
    }

    function _requireIssued(Certificate memory certificate, Authority memory issuer) private view {
        if (certificate.issuer != issuer.name) revert IssuerMismatch(certificate.issuer, issuer.name);
        bool isSigned = P256Signature.isValid(certificate.digest, certificate.r, certificate.s, issuer.x, issuer.y);
        if (!isSigned) revert CertificateSignature(certificate.serial);
    }

    function _requireValid(uint40 notBefore, uint40 notAfter) private view {
        if (block.timestamp < notBefore) revert CertificateNotYetValid(notBefore);
        if (block.timestamp > notAfter) revert CertificateExpired(notAfter);
    }

    function _readPck(
        bytes calldata text
    ) private view returns (Certificate memory certificate, PlatformTcb memory tcb) {
        bytes memory der = text.decode();
        certificate = X509.parse(der);
        bool isPlatform =
            certificate.extensions.sgxTo != 0 &&
                certificate.extensions.signsData &&
                !certificate.extensions.isAuthority;
        if (!isPlatform) revert NotAPlatform(certificate.serial);
        tcb = PckExtension.parse(der, certificate.extensions.sgxFrom, certificate.extensions.sgxTo);
    }

    function _authorityOf(Certificate memory certificate) private pure returns (Authority memory) {
        bool isAuthority =
            certificate.extensions.isAuthority &&
                certificate.extensions.signsCertificates &&
                certificate.extensions.signsLists;
        if (!isAuthority) revert NotAnAuthority(certificate.serial);
        return
            Authority({
                name: certificate.subject,
                x: certificate.x,
                y: certificate.y,
                serial: certificate.serial,
                notBefore: certificate.notBefore,
                notAfter: certificate.notAfter
            });
    }

    function _leaf(Certificate memory certificate, Authority memory issuer) private pure returns (Leaf memory leaf) {
        leaf.x = certificate.x;
        leaf.y = certificate.y;
        leaf.serial = certificate.serial;
        leaf.notBefore = certificate.notBefore > issuer.notBefore ? certificate.notBefore : issuer.notBefore;
        leaf.notAfter = certificate.notAfter < issuer.notAfter ? certificate.notAfter : issuer.notAfter;
    }

    /// @dev Some quotes hold the zero that ends the text in C.
    function _trim(bytes calldata chain) private pure returns (bytes calldata) {
        if (chain.length > 0 && chain[chain.length - 1] == 0) return chain[:chain.length - 1];
        return chain;
    }
}
