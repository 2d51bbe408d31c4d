// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Uint384} from "../../interfaces/IP384.sol";
import {Der} from "../x509/Der.sol";
import {Extensions} from "../x509/Extensions.sol";
import {RevocationLists} from "../x509/RevocationLists.sol";
import {X509} from "../x509/X509.sol";
import {Certificates384} from "./Certificate384.sol";

/// @notice A revocation list. Nothing of it is true before the signature was checked.
struct RevocationList384 {
    // What the issuer signed lies in `[signedFrom, signedTo)`, and the entries in `[entriesFrom, entriesTo)`.
    uint256 signedFrom;
    uint256 signedTo;
    Uint384 r;
    Uint384 s;
    /// Keccak-256 of the DER of the name.
    bytes32 issuer;
    uint256 entriesFrom;
    uint256 entriesTo;
}

/// @title X.509 v2 revocation lists, signed by ECDSA with SHA-384
library RevocationLists384 {
    using Der for bytes;

    uint256 private constant MAX_EXTENSIONS = 8;
    /// @dev Which part of all certificates a list is about; critical where it is.
    bytes32 private constant DISTRIBUTION_POINT = hex"551d1c";
    /// @dev There, that the list is about certificates of others, too.
    uint8 private constant INDIRECT = 0x84;

    function parse(bytes memory der) internal pure returns (RevocationList384 memory list) {
        (uint256 pos, uint256 end) = der.whole(Der.SEQUENCE);
        list.signedFrom = pos;
        uint256 to;
        (pos, to) = der.expect(pos, end, Der.SEQUENCE);
        list.signedTo = to;
        (list.r, list.s) = Certificates384.signatureAt(der, to, end);

        uint256 version;
        uint256 start = pos;
        (version, pos) = der.integer(pos, to);
        if (version != 1) revert RevocationLists.ListVersion(start);
        pos = Certificates384.algorithmAt(der, pos, to);
        (list.issuer, pos) = X509.nameAt(der, pos, to);
        (, pos) = X509.timeAt(der, pos, to);
        (, pos) = X509.timeAt(der, pos, to);
        if (pos < to && uint8(der[pos]) == Der.SEQUENCE) {
            (list.entriesFrom, list.entriesTo) = der.expect(pos, to, Der.SEQUENCE);
            pos = list.entriesTo;
        }
        _extensions(der, pos, to);
    }

    /// @dev As many steps as there are entries before it.
    function has(bytes memory der, RevocationList384 memory list, uint160 serial) internal pure returns (bool) {
        uint256 pos = list.entriesFrom;
        while (pos < list.entriesTo) {
            uint160 entry;
            (entry, pos) = RevocationLists.entry(der, pos, list.entriesTo);
            if (entry == serial) return true;
        }
        return false;
    }

    /// @dev A critical one would change what entries mean, except for that of a part.
    function _extensions(bytes memory der, uint256 pos, uint256 end) private pure {
        (uint256 from, uint256 to) = der.expect(pos, end, Der.CONTEXT_0);
        Der.finish(to, end);
        (from, pos) = der.expect(from, to, Der.SEQUENCE);
        Der.finish(pos, to);
        for (uint256 i = 0; from < to; ++i) {
            if (i == MAX_EXTENSIONS) revert Extensions.ExtensionsTooMany(from);
            (bytes32 oid, bool isCritical, uint256 content, uint256 last) = Extensions.one(der, from, to);
            if (isCritical && (oid != DISTRIBUTION_POINT || _isIndirect(der, content, last))) {
                revert Extensions.ExtensionUnknown(from);
            }
            from = last;
        }
    }

    function _isIndirect(bytes memory der, uint256 pos, uint256 end) private pure returns (bool) {
        (uint256 from, uint256 to) = der.expect(pos, end, Der.SEQUENCE);
        Der.finish(to, end);
        while (from < to) {
            uint8 tag;
            (tag, , from) = der.next(from, to);
            if (tag == INDIRECT) return true;
        }
        return false;
    }
}
