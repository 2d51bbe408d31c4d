// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Items of CBOR (RFC 8949), read strictly: the kind that is expected, the shortest head, nothing beyond the end
/// @dev What is read of `data` lies before `end`, and callers pass an `end` within `data`.
library Cbor {
    uint8 internal constant UNSIGNED = 0;
    uint8 internal constant BYTES = 2;
    uint8 internal constant TEXT = 3;
    uint8 internal constant ARRAY = 4;
    uint8 internal constant MAP = 5;
    uint8 internal constant TAG = 6;

    bytes1 private constant NULL = 0xf6;
    bytes1 private constant BREAK = 0xff;
    bytes1 private constant MAP_WITHOUT_LENGTH = 0xbf;

    error CborTruncated(uint256 pos);
    error CborUnexpected(uint256 pos, uint8 had, uint8 needed);
    /// @notice A number is not in its shortest form, or a length is above what is taken there.
    error CborLength(uint256 pos);
    error CborTrailingBytes(uint256 pos, uint256 end);

    /// @notice The head of an item: the number that it holds, or the length of what follows.
    function head(
        bytes memory data,
        uint256 pos,
        uint256 end,
        uint8 needed
    ) internal pure returns (uint256 value, uint256 to) {
        unchecked {
            if (pos >= end) revert CborTruncated(pos);
            uint256 word = _wordAt(data, pos);
            uint8 kind = uint8(word >> 253);
            if (kind != needed) revert CborUnexpected(pos, kind, needed);
            value = (word >> 248) & 0x1f;
            to = pos + 1;
            if (value < 24) return (value, to);
            // 24 to 27 announce 1, 2, 4 and 8 bytes; what is above has no length, or no meaning.
            if (value > 27) revert CborLength(pos);
            uint256 count = 1 << (value - 24);
            to += count;
            if (to > end) revert CborTruncated(pos);
            value = (word << 8) >> (256 - 8 * count);
            if (value < 24 || (count > 1 && value >> (4 * count) == 0)) revert CborLength(pos);
        }
    }

    /// @notice A string of bytes or text with `least` to `most` bytes, which lies in `data[from:to]`.
    function text(
        bytes memory data,
        uint256 pos,
        uint256 end,
        uint8 kind,
        uint256 least,
        uint256 most
    ) internal pure returns (uint256 from, uint256 to) {
        uint256 length;
        (length, from) = head(data, pos, end, kind);
        if (length < least || length > most) revert CborLength(pos);
        to = from + length;
        if (to > end) revert CborTruncated(pos);
    }

    /// @notice How many entries the map at `pos` has, at most `most`; `most` when it ends with a break.
    function map(
        bytes memory data,
        uint256 pos,
        uint256 end,
        uint256 most
    ) internal pure returns (uint256 count, bool hasBreak, uint256 to) {
        if (pos < end && data[pos] == MAP_WITHOUT_LENGTH) return (most, true, pos + 1);
        (count, to) = head(data, pos, end, MAP);
        if (count > most) revert CborLength(pos);
    }

    function isBreak(bytes memory data, uint256 pos, uint256 end) internal pure returns (bool) {
        return pos < end && data[pos] == BREAK;
    }

    function isNull(bytes memory data, uint256 pos, uint256 end) internal pure returns (bool) {
        return pos < end && data[pos] == NULL;
    }

    function finish(uint256 pos, uint256 end) internal pure {
        if (pos != end) revert CborTrailingBytes(pos, end);
    }

    /// @dev The bytes beyond the end of `data` are whatever memory has there.
    function _wordAt(bytes memory data, uint256 pos) private pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := mload(add(add(data, 0x20), pos))
        }
    }
}
