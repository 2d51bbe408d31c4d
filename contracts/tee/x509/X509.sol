// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {CalendarTime} from "../../libraries/CalendarTime.sol";
import {Der} from "./Der.sol";
import {Extensions} from "./Extensions.sol";
import {SignedDer} from "./SignedDer.sol";

/// @notice What a certificate says. Nothing of it is true before the signature was checked.
struct Certificate {
    /// SHA-256 of what the issuer signed.
    bytes32 digest;
    bytes32 r;
    bytes32 s;
    /// Keccak-256 of the DER of the names.
    bytes32 issuer;
    bytes32 subject;
    /// The subject's name lies in `[subjectFrom, subjectTo)`.
    uint256 subjectFrom;
    uint256 subjectTo;
    bytes32 x;
    bytes32 y;
    uint160 serial;
    uint40 notBefore;
    uint40 notAfter;
    Extensions.Found extensions;
}

/// @title X.509 v3 certificates with P-256 keys, signed by ECDSA with SHA-256: the only ones in a chain of quotes
library X509 {
    using Der for bytes;

    /// @dev The head of a SubjectPublicKeyInfo of an uncompressed point on P-256: 26 bytes and 0x04.
    bytes32 private constant P256_KEY = hex"3059301306072a8648ce3d020106082a8648ce3d03010703420004";
    uint256 private constant P256_KEY_BYTES = 27;
    bytes3 private constant COMMON_NAME = hex"550403";

    error CertificateVersion(uint256 pos);
    error CertificateSerial(uint256 pos);
    error CertificateKey(uint256 pos);

    function parse(bytes memory der) internal view returns (Certificate memory certificate) {
        (uint256 from, uint256 to, bytes32 digest, bytes32 r, bytes32 s) = SignedDer.open(der);
        (certificate.digest, certificate.r, certificate.s) = (digest, r, s);

        uint256 pos = versionAt(der, from, to);
        (certificate.serial, pos) = serialAt(der, pos, to);
        pos = SignedDer.algorithm(der, pos, to);
        (certificate.issuer, pos) = nameAt(der, pos, to);
        (certificate.notBefore, certificate.notAfter, pos) = validityAt(der, pos, to);
        certificate.subjectFrom = pos;
        (certificate.subject, pos) = nameAt(der, pos, to);
        certificate.subjectTo = pos;
        (certificate.x, certificate.y, pos) = _key(der, pos, to);

        (uint256 list, uint256 end) = der.expect(pos, to, Der.CONTEXT_3);
        Der.finish(end, to);
        certificate.extensions = Extensions.parse(der, list, end);
    }

    /// @notice A serial number is positive and has at most 20 bytes (RFC 5280, 4.1.2.2).
    function serialAt(bytes memory der, uint256 pos, uint256 end) internal pure returns (uint160, uint256) {
        (uint256 serial, uint256 to) = der.integer(pos, end);
        if (serial == 0 || serial > type(uint160).max) revert CertificateSerial(pos);
        return (uint160(serial), to);
    }

    function nameAt(bytes memory der, uint256 pos, uint256 end) internal pure returns (bytes32 digest, uint256 to) {
        (, to) = der.expect(pos, end, Der.SEQUENCE);
        digest = der.keccak(pos, to);
    }

    /// @notice Keccak-256 of the first common name in a name, whatever kind of string it is; zero without one.
    function commonNameAt(bytes memory der, uint256 pos, uint256 end) internal pure returns (bytes32) {
        (uint256 from, uint256 to) = der.expect(pos, end, Der.SEQUENCE);
        while (from < to) {
            uint256 value;
            (pos, from) = der.expect(from, to, Der.SET);
            (pos, ) = der.expect(pos, from, Der.SEQUENCE);
            (pos, value) = der.expect(pos, from, Der.OID);
            bool isCommonName = value - pos == COMMON_NAME.length && bytes3(der.wordAt(pos)) == COMMON_NAME;
            if (!isCommonName) continue;
            (, pos, end) = der.next(value, from);
            return der.keccak(pos, end);
        }
        return 0;
    }

    function timeAt(bytes memory der, uint256 pos, uint256 end) internal pure returns (uint40 time, uint256 to) {
        (uint8 tag, uint256 from, uint256 last) = der.next(pos, end);
        bool isShort = last - from == 13;
        if (tag != (isShort ? Der.UTC_TIME : Der.GENERALIZED_TIME)) revert Der.DerTag(pos, tag, Der.UTC_TIME);
        return (CalendarTime.der(der, from, last), last);
    }

    function versionAt(bytes memory der, uint256 pos, uint256 end) internal pure returns (uint256 to) {
        uint256 from;
        (from, to) = der.expect(pos, end, Der.CONTEXT_0);
        (uint256 version, uint256 last) = der.integer(from, to);
        if (version != 2 || last != to) revert CertificateVersion(pos);
    }

    function validityAt(
        bytes memory der,
        uint256 pos,
        uint256 end
    ) internal pure returns (uint40 notBefore, uint40 notAfter, uint256 to) {
        (pos, to) = der.expect(pos, end, Der.SEQUENCE);
        (notBefore, pos) = timeAt(der, pos, to);
        (notAfter, pos) = timeAt(der, pos, to);
        Der.finish(pos, to);
    }

    function _key(bytes memory der, uint256 pos, uint256 end) private pure returns (bytes32 x, bytes32 y, uint256 to) {
        (, to) = der.expect(pos, end, Der.SEQUENCE);
        bytes32 head = der.wordAt(pos) >> (256 - 8 * P256_KEY_BYTES);
        if (to - pos != P256_KEY_BYTES + 64 || head != P256_KEY >> (256 - 8 * P256_KEY_BYTES))
            revert CertificateKey(pos);
        x = der.wordAt(pos + P256_KEY_BYTES);
        y = der.wordAt(pos + P256_KEY_BYTES + 32);
    }
}
