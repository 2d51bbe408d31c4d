// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Der} from "./Der.sol";
import {Extensions} from "./Extensions.sol";
import {SignedDer} from "./SignedDer.sol";
import {X509} from "./X509.sol";

/// @notice A revocation list without its entries, which lie in `[entriesFrom, entriesTo)`.
struct RevocationList {
    bytes32 digest;
    bytes32 r;
    bytes32 s;
    bytes32 issuer;
    uint40 thisUpdate;
    uint40 nextUpdate;
    uint256 entriesFrom;
    uint256 entriesTo;
}

/// @title X.509 v2 revocation lists
library RevocationLists {
    using Der for bytes;

    /// @dev Lists of Intel have two.
    uint256 private constant MAX_EXTENSIONS = 8;

    error ListVersion(uint256 pos);

    function parse(bytes memory der) internal view returns (RevocationList memory list) {
        (uint256 pos, uint256 to, bytes32 digest, bytes32 r, bytes32 s) = SignedDer.open(der);
        (list.digest, list.r, list.s) = (digest, r, s);

        uint256 version;
        uint256 start = pos;
        (version, pos) = der.integer(pos, to);
        if (version != 1) revert ListVersion(start);
        pos = SignedDer.algorithm(der, pos, to);
        (list.issuer, pos) = X509.nameAt(der, pos, to);
        (list.thisUpdate, pos) = X509.timeAt(der, pos, to);
        (list.nextUpdate, pos) = X509.timeAt(der, pos, to);
        if (pos < to && uint8(der[pos]) == Der.SEQUENCE) {
            (list.entriesFrom, list.entriesTo) = der.expect(pos, to, Der.SEQUENCE);
            pos = list.entriesTo;
        }
        _extensions(der, pos, to);
    }

    /// @notice The serial number of the entry at `pos`, and where the next one is.
    function entry(bytes memory der, uint256 pos, uint256 end) internal pure returns (uint160 serial, uint256 to) {
        uint256 from;
        (from, to) = der.expect(pos, end, Der.SEQUENCE);
        (serial, ) = X509.serialAt(der, from, to);
    }

    /// @dev A critical one would limit what the list is about.
    function _extensions(bytes memory der, uint256 pos, uint256 end) private pure {
        (uint256 from, uint256 to) = der.expect(pos, end, Der.CONTEXT_0);
        Der.finish(to, end);
        (from, pos) = der.expect(from, to, Der.SEQUENCE);
        Der.finish(pos, to);
        for (uint256 i = 0; from < to; ++i) {
            if (i == MAX_EXTENSIONS) revert Extensions.ExtensionsTooMany(from);
            bool isCritical;
            uint256 last;
            (, isCritical, , last) = Extensions.one(der, from, to);
            if (isCritical) revert Extensions.ExtensionUnknown(from);
            from = last;
        }
    }
}
