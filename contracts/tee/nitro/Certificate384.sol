// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {P384Key, Uint384} from "../../interfaces/IP384.sol";
import {Der} from "../x509/Der.sol";
import {Extensions} from "../x509/Extensions.sol";
import {SignedDer} from "../x509/SignedDer.sol";
import {X509} from "../x509/X509.sol";
import {Sha384} from "./Sha384.sol";

/// @notice What a certificate says. Nothing of it is true before the signature was checked.
struct Certificate384 {
    /// What it is known by: Keccak-256 of what the issuer signed. The signature is left out, for it has two forms.
    bytes32 id;
    // What the issuer signed lies in `[signedFrom, signedTo)`.
    uint256 signedFrom;
    uint256 signedTo;
    Uint384 r;
    Uint384 s;
    /// Keccak-256 of the DER of the names.
    bytes32 issuer;
    bytes32 subject;
    P384Key key;
    uint160 serial;
    uint40 notBefore;
    uint40 notAfter;
    Extensions.Found extensions;
}

/// @title X.509 v3 certificates with P-384 keys, signed by ECDSA with SHA-384: the only ones of Nitro
library Certificates384 {
    using Der for bytes;

    /// @dev The AlgorithmIdentifier of ecdsa-with-SHA384, without parameters.
    bytes12 private constant ECDSA_WITH_SHA384 = hex"300a06082a8648ce3d040303";
    /// @dev The head of a SubjectPublicKeyInfo of an uncompressed point on P-384: 23 bytes and 0x04.
    bytes24 private constant P384_KEY = hex"3076301006072a8648ce3d020106052b8104002203620004";
    uint256 private constant P384_KEY_BYTES = 24;

    function parse(bytes memory der) internal pure returns (Certificate384 memory certificate) {
        (uint256 pos, uint256 end) = der.whole(Der.SEQUENCE);
        certificate.signedFrom = pos;
        uint256 to;
        (pos, to) = der.expect(pos, end, Der.SEQUENCE);
        certificate.signedTo = to;
        certificate.id = der.keccak(certificate.signedFrom, to);
        (certificate.r, certificate.s) = signatureAt(der, to, end);

        pos = X509.versionAt(der, pos, to);
        (certificate.serial, pos) = X509.serialAt(der, pos, to);
        pos = algorithmAt(der, pos, to);
        (certificate.issuer, pos) = X509.nameAt(der, pos, to);
        (certificate.notBefore, certificate.notAfter, pos) = X509.validityAt(der, pos, to);
        (certificate.subject, pos) = X509.nameAt(der, pos, to);
        pos = _key(der, pos, to, certificate.key);

        (pos, end) = der.expect(pos, to, Der.CONTEXT_3);
        Der.finish(end, to);
        certificate.extensions = Extensions.parse(der, pos, end);
    }

    /// @notice SHA-384 of what the issuer signed.
    function digest(bytes memory der, Certificate384 memory certificate) internal pure returns (Uint384 memory) {
        return Sha384.hash(der, certificate.signedFrom, certificate.signedTo);
    }

    /// @notice What a certificate is known by, without a look at the rest of it.
    function idOf(bytes memory der) internal pure returns (bytes32) {
        (uint256 pos, uint256 end) = der.whole(Der.SEQUENCE);
        (, end) = der.expect(pos, end, Der.SEQUENCE);
        return der.keccak(pos, end);
    }

    /// @notice Algorithm and signature, with which what is signed ends.
    function signatureAt(
        bytes memory der,
        uint256 pos,
        uint256 end
    ) internal pure returns (Uint384 memory r, Uint384 memory s) {
        (uint256 bits, uint256 to) = der.expect(algorithmAt(der, pos, end), end, Der.BIT_STRING);
        Der.finish(to, end);
        // The first byte of a bit string says how many bits of the last do not count.
        if (bits == to || der[bits] != 0) revert Der.DerLength(bits);
        uint256 last;
        (pos, last) = der.expect(bits + 1, to, Der.SEQUENCE);
        Der.finish(last, to);
        (r, pos) = _integer(der, pos, last);
        (s, pos) = _integer(der, pos, last);
        Der.finish(pos, last);
    }

    /// @notice Skips the algorithm, which can only be one.
    function algorithmAt(bytes memory der, uint256 pos, uint256 end) internal pure returns (uint256 to) {
        (, to) = der.expect(pos, end, Der.SEQUENCE);
        bool isKnown = to - pos == 12 && bytes12(der.wordAt(pos)) == ECDSA_WITH_SHA384;
        if (!isKnown) revert SignedDer.SignatureAlgorithm(pos);
    }

    /// @dev An integer from 0 to 2^384 - 1.
    function _integer(
        bytes memory der,
        uint256 pos,
        uint256 end
    ) private pure returns (Uint384 memory value, uint256 to) {
        uint256 from;
        (from, to) = der.expect(pos, end, Der.INTEGER);
        if (from == to || uint8(der[from]) >= 0x80) revert Der.DerInteger(pos);
        if (der[from] == 0 && to - from > 1) {
            // A leading zero is there to keep the sign bit clear, and for nothing else.
            if (uint8(der[from + 1]) < 0x80) revert Der.DerInteger(pos);
            ++from;
        }
        uint256 length = to - from;
        if (length > 48) revert Der.DerInteger(pos);
        if (length <= 32) {
            value.low = uint256(der.wordAt(from)) >> (256 - 8 * length);
        } else {
            value.high = uint128(uint256(der.wordAt(from)) >> (512 - 8 * length));
            value.low = uint256(der.wordAt(to - 32));
        }
    }

    function _key(bytes memory der, uint256 pos, uint256 end, P384Key memory key) private pure returns (uint256 to) {
        (, to) = der.expect(pos, end, Der.SEQUENCE);
        bool isPoint = to - pos == P384_KEY_BYTES + 96 && bytes24(der.wordAt(pos)) == P384_KEY;
        if (!isPoint) revert X509.CertificateKey(pos);
        pos += P384_KEY_BYTES;
        key.x.high = uint128(bytes16(der.wordAt(pos)));
        key.x.low = uint256(der.wordAt(pos + 16));
        key.y.high = uint128(bytes16(der.wordAt(pos + 48)));
        key.y.low = uint256(der.wordAt(pos + 64));
    }
}
