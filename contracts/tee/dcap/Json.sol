// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title JSON as Intel signs it: no white space, no escapes, no fractions
/// @dev A cursor that only moves on. Objects and arrays are walked by their owner:
/// `json.open("{"); while (json.more("}")) { bytes32 key = json.key(); ... }`, each turn reading or skipping a value.
library Json {
    struct Cursor {
        bytes text;
        uint256 pos;
        /// True before the first member or element of what was opened last.
        bool isFresh;
    }

    bytes1 private constant QUOTE = 0x22;
    uint256 private constant BACKSLASH = 0x5c;
    uint256 private constant MAX_DIGITS = 10;

    error JsonUnexpected(uint256 pos);

    function open(Cursor memory json, bytes1 bracket) internal pure {
        _take(json, bracket);
        json.isFresh = true;
    }

    /// @notice True if another member or element follows, false past the closing bracket.
    function more(Cursor memory json, bytes1 bracket) internal pure returns (bool) {
        if (_peek(json) == bracket) {
            json.pos += 1;
            json.isFresh = false;
            return false;
        }
        if (!json.isFresh) _take(json, ",");
        json.isFresh = false;
        return true;
    }

    /// @notice Keccak-256 of the next member's name.
    function key(Cursor memory json) internal pure returns (bytes32 digest) {
        digest = word(json);
        _take(json, ":");
    }

    /// @notice Keccak-256 of a string.
    function word(Cursor memory json) internal pure returns (bytes32 digest) {
        (uint256 from, uint256 to) = string_(json);
        bytes memory text = json.text;
        assembly ("memory-safe") {
            digest := keccak256(add(add(text, 0x20), from), sub(to, from))
        }
    }

    /// @notice The characters of a string lie in `text[from:to]`.
    function string_(Cursor memory json) internal pure returns (uint256 from, uint256 to) {
        _take(json, QUOTE);
        from = json.pos;
        bytes memory text = json.text;
        for (to = from; to < text.length; ++to) {
            // Most of what Intel signs is strings that do not matter: so without the checks of `text[to]`.
            uint256 character;
            assembly ("memory-safe") {
                character := byte(0, mload(add(add(text, 0x20), to)))
            }
            if (character == uint8(QUOTE)) {
                json.pos = to + 1;
                return (from, to);
            }
            if (character == BACKSLASH || character < 0x20) revert JsonUnexpected(to);
        }
        revert JsonUnexpected(to);
    }

    function number(Cursor memory json) internal pure returns (uint256 value) {
        uint256 from = json.pos;
        while (json.pos < json.text.length && json.pos - from < MAX_DIGITS) {
            bytes1 digit = json.text[json.pos];
            if (digit < "0" || digit > "9") break;
            value = value * 10 + uint8(digit) - 48;
            json.pos += 1;
        }
        bool hasLeadingZero = json.pos > from + 1 && json.text[from] == "0";
        if (json.pos == from || hasLeadingZero) revert JsonUnexpected(from);
    }

    /// @notice A string of `count` bytes in hexadecimal, at most 32, as the highest bytes of a word.
    function hexBytes(Cursor memory json, uint256 count) internal pure returns (bytes32) {
        (uint256 from, uint256 to) = string_(json);
        if (to - from != 2 * count) revert JsonUnexpected(from);
        return hexAt(json, from, count);
    }

    function hexAt(Cursor memory json, uint256 from, uint256 count) internal pure returns (bytes32) {
        uint256 value = 0;
        for (uint256 i = from; i < from + 2 * count; ++i) value = (value << 4) | _nibble(json, i);
        return bytes32(value << (256 - 8 * count));
    }

    /// @notice Passes over a value whatever it is. What lies in brackets is only checked for closing them all.
    function skip(Cursor memory json) internal pure {
        uint256 depth = 0;
        do {
            bytes1 character = _peek(json);
            if (character == QUOTE) string_(json);
            else {
                if (character == "{" || character == "[") ++depth;
                else if (character == "}" || character == "]") {
                    if (depth == 0) revert JsonUnexpected(json.pos);
                    --depth;
                }
                json.pos += 1;
            }
        } while (depth > 0);
        // A number or a word of letters goes on to the next comma or bracket.
        while (json.pos < json.text.length && !_isStop(json.text[json.pos])) json.pos += 1;
    }

    function finish(Cursor memory json) internal pure {
        if (json.pos != json.text.length) revert JsonUnexpected(json.pos);
    }

    function _take(Cursor memory json, bytes1 character) private pure {
        if (_peek(json) != character) revert JsonUnexpected(json.pos);
        json.pos += 1;
    }

    function _peek(Cursor memory json) private pure returns (bytes1) {
        if (json.pos >= json.text.length) revert JsonUnexpected(json.pos);
        return json.text[json.pos];
    }

    function _isStop(bytes1 character) private pure returns (bool) {
        return character == "," || character == "}" || character == "]";
    }

    function _nibble(Cursor memory json, uint256 pos) private pure returns (uint256) {
        uint8 character = uint8(json.text[pos]);
        if (character >= 48 && character <= 57) return character - 48;
        if (character >= 65 && character <= 70) return character - 55;
        if (character >= 97 && character <= 102) return character - 87;
        revert JsonUnexpected(pos);
    }
}
