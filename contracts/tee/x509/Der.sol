// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Elements of DER, read strictly: short tags, the shortest length, nothing beyond the enclosing element
/// @dev An element of which the content lies in `der[from:to]` ends at `to`. Callers start with `end = der.length` and
/// go on with the `to` of what they read, so that no read leaves `der`.
library Der {
    uint8 internal constant BOOLEAN = 0x01;
    uint8 internal constant INTEGER = 0x02;
    uint8 internal constant BIT_STRING = 0x03;
    uint8 internal constant OCTET_STRING = 0x04;
    uint8 internal constant OID = 0x06;
    uint8 internal constant UTC_TIME = 0x17;
    uint8 internal constant GENERALIZED_TIME = 0x18;
    uint8 internal constant SEQUENCE = 0x30;
    uint8 internal constant SET = 0x31;
    uint8 internal constant CONTEXT_0 = 0xa0;
    uint8 internal constant CONTEXT_3 = 0xa3;

    error DerTruncated(uint256 pos);
    error DerTag(uint256 pos, uint8 had, uint8 needed);
    error DerLength(uint256 pos);
    error DerInteger(uint256 pos);
    error DerTrailingBytes(uint256 pos, uint256 end);

    function sha(bytes memory der, uint256 from, uint256 to) internal view returns (bytes32 digest) {
        assembly ("memory-safe") {
            // The precompile fails only without gas, and then so does the caller.
            if iszero(staticcall(gas(), 2, add(add(der, 0x20), from), sub(to, from), 0, 0x20)) {
                revert(0, 0)
            }
            digest := mload(0)
        }
    }

    /// @notice The element at `pos`, whatever its tag.
    function next(
        bytes memory der,
        uint256 pos,
        uint256 end
    ) internal pure returns (uint8 tag, uint256 from, uint256 to) {
        unchecked {
            if (pos + 2 > end) revert DerTruncated(pos);
            uint256 word = uint256(wordAt(der, pos));
            tag = uint8(word >> 248);
            from = pos + 2;
            uint256 length = uint8(word >> 240);
            if (length >= 0x80) {
                uint256 count = length & 0x7f;
                // Nothing read here comes near 16 MB.
                if (count == 0 || count > 3) revert DerLength(pos);
                length = (word << 16) >> (256 - 8 * count);
                if (length < 0x80 || length >> (8 * (count - 1)) == 0) revert DerLength(pos);
                from += count;
            }
            to = from + length;
            if (to > end) revert DerTruncated(pos);
        }
    }

    function expect(
        bytes memory der,
        uint256 pos,
        uint256 end,
        uint8 needed
    ) internal pure returns (uint256 from, uint256 to) {
        uint8 tag;
        (tag, from, to) = next(der, pos, end);
        if (tag != needed) revert DerTag(pos, tag, needed);
    }

    /// @notice The element that fills `der` as a whole.
    function whole(bytes memory der, uint8 needed) internal pure returns (uint256 from, uint256 to) {
        (from, to) = expect(der, 0, der.length, needed);
        finish(to, der.length);
    }

    /// @notice An integer from 0 to 2^256 - 1.
    function integer(bytes memory der, uint256 pos, uint256 end) internal pure returns (uint256 value, uint256 to) {
        uint256 from;
        (from, to) = expect(der, pos, end, INTEGER);
        if (from == to) revert DerInteger(pos);
        uint256 word = uint256(wordAt(der, from));
        if (word >> 255 == 1) revert DerInteger(pos);
        if (word >> 248 == 0 && to - from > 1) {
            // A leading zero is there to keep the sign bit clear, and for nothing else.
            if ((word << 8) >> 255 == 0) revert DerInteger(pos);
            from += 1;
        }
        if (to - from > 32) revert DerInteger(pos);
        value = uint256(wordAt(der, from)) >> (256 - 8 * (to - from));
    }

    /// @notice Two integers in a sequence: an ECDSA signature.
    function pair(bytes memory der, uint256 pos, uint256 end) internal pure returns (bytes32, bytes32) {
        (uint256 from, uint256 to) = expect(der, pos, end, SEQUENCE);
        finish(to, end);
        (uint256 first, uint256 then) = integer(der, from, to);
        (uint256 second, uint256 last) = integer(der, then, to);
        finish(last, to);
        return (bytes32(first), bytes32(second));
    }

    function finish(uint256 pos, uint256 end) internal pure {
        if (pos != end) revert DerTrailingBytes(pos, end);
    }

    /// @dev The bytes beyond the end of `der` are whatever memory has there.
    function wordAt(bytes memory der, uint256 pos) internal pure returns (bytes32 word) {
        assembly ("memory-safe") {
            word := mload(add(add(der, 0x20), pos))
        }
    }

    function keccak(bytes memory der, uint256 from, uint256 to) internal pure returns (bytes32 digest) {
        assembly ("memory-safe") {
            digest := keccak256(add(add(der, 0x20), from), sub(to, from))
        }
    }
}
