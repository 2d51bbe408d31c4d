// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Der} from "./Der.sol";

/// @title The extensions of a certificate that decide what its key may do, and where the SGX extension is
library Extensions {
    using Der for bytes;

    struct Found {
        bool isAuthority;
        /// How many authorities may follow below this one; the maximum where it is not limited.
        uint8 pathLength;
        bool signsCertificates;
        bool signsLists;
        bool signsData;
        /// The content of the SGX extension; both zero without one.
        uint256 sgxFrom;
        uint256 sgxTo;
    }

    /// @dev Certificates of Intel have five or six.
    uint256 private constant MAX_EXTENSIONS = 16;
    bytes32 private constant KEY_USAGE = hex"551d0f";
    bytes32 private constant BASIC_CONSTRAINTS = hex"551d13";
    /// @dev 1.2.840.113741.1.13.1
    bytes32 private constant SGX = hex"2a864886f84d010d01";

    error ExtensionUnknown(uint256 pos);
    error ExtensionTwice(uint256 pos);
    error ExtensionMalformed(uint256 pos);
    error ExtensionsTooMany(uint256 pos);

    /// @notice `der[pos:end]` is the content of the explicit tag around the list.
    function parse(bytes memory der, uint256 pos, uint256 end) internal pure returns (Found memory found) {
        uint256 to;
        (pos, to) = der.expect(pos, end, Der.SEQUENCE);
        Der.finish(to, end);
        found.pathLength = type(uint8).max;
        bool hasUsage;
        bool hasConstraints;
        for (uint256 i = 0; pos < to; ++i) {
            if (i == MAX_EXTENSIONS) revert ExtensionsTooMany(pos);
            (bytes32 oid, bool isCritical, uint256 from, uint256 last) = one(der, pos, to);
            if (oid == KEY_USAGE) {
                if (hasUsage) revert ExtensionTwice(pos);
                hasUsage = true;
                _keyUsage(der, from, last, found);
            } else if (oid == BASIC_CONSTRAINTS) {
                if (hasConstraints) revert ExtensionTwice(pos);
                hasConstraints = true;
                _basicConstraints(der, from, last, found);
            } else if (oid == SGX) {
                if (found.sgxTo != 0) revert ExtensionTwice(pos);
                (found.sgxFrom, found.sgxTo) = (from, last);
            } else if (isCritical) revert ExtensionUnknown(pos);
            pos = last;
        }
    }

    /// @notice Object identifier (zero if longer than 32 bytes), whether critical, and the content of one extension.
    function one(
        bytes memory der,
        uint256 pos,
        uint256 end
    ) internal pure returns (bytes32 oid, bool isCritical, uint256 from, uint256 to) {
        uint256 last;
        (from, last) = der.expect(pos, end, Der.SEQUENCE);
        (oid, from) = oidAt(der, from, last);
        uint8 tag;
        uint256 content;
        (tag, content, to) = der.next(from, last);
        if (tag == Der.BOOLEAN) {
            // FALSE is the default, which DER does not write.
            if (to - content != 1 || der[content] != 0xff) revert ExtensionMalformed(pos);
            isCritical = true;
            from = to;
        }
        (from, to) = der.expect(from, last, Der.OCTET_STRING);
        Der.finish(to, last);
    }

    function oidAt(bytes memory der, uint256 pos, uint256 end) internal pure returns (bytes32 oid, uint256 to) {
        uint256 from;
        (from, to) = der.expect(pos, end, Der.OID);
        uint256 length = to - from;
        if (length > 0 && length <= 32) oid = (der.wordAt(from) >> (256 - 8 * length)) << (256 - 8 * length);
    }

    function _keyUsage(bytes memory der, uint256 pos, uint256 end, Found memory found) private pure {
        (uint256 from, uint256 to) = der.expect(pos, end, Der.BIT_STRING);
        if (to != end || to - from < 2) revert ExtensionMalformed(pos);
        uint8 bits = uint8(der[from + 1]);
        found.signsData = bits & 0x80 != 0;
        found.signsCertificates = bits & 0x04 != 0;
        found.signsLists = bits & 0x02 != 0;
    }

    function _basicConstraints(bytes memory der, uint256 pos, uint256 end, Found memory found) private pure {
        (uint256 from, uint256 to) = der.expect(pos, end, Der.SEQUENCE);
        Der.finish(to, end);
        if (from == to) return;
        (pos, from) = der.expect(from, to, Der.BOOLEAN);
        if (from - pos != 1 || der[pos] != 0xff) revert ExtensionMalformed(pos);
        found.isAuthority = true;
        if (from == to) return;
        (uint256 pathLength, uint256 last) = der.integer(from, to);
        if (last != to || pathLength > type(uint8).max) revert ExtensionMalformed(pos);
        found.pathLength = uint8(pathLength);
    }
}
