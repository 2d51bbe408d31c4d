// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Certificates as PEM text, in the one form that is taken
/// @dev Lines of 64 characters except for the last, "\n" after each, canonical base64: so the text of a certificate and
/// its bytes determine each other, and the hash of the text identifies the certificate.
library Pem {
    bytes28 private constant HEADER = "-----BEGIN CERTIFICATE-----\n";
    bytes26 private constant FOOTER = "-----END CERTIFICATE-----\n";
    /// @dev Certificates of up to 1,920 bytes.
    uint256 private constant MAX_LINES = 40;
    uint256 private constant LINE = 65;

    error PemMalformed(uint256 pos);

    /// @notice Where the certificate that starts at `pos` ends, its footer included. Of its base64 nothing is checked.
    function endOf(bytes calldata text, uint256 pos) internal pure returns (uint256) {
        if (text.length < pos + 28 || bytes28(text[pos:pos + 28]) != HEADER) revert PemMalformed(pos);
        pos += 28;
        for (uint256 line = 0; line < MAX_LINES && pos + LINE <= text.length; ++line) {
            if (text[pos + LINE - 1] != "\n") break;
            pos += LINE;
        }
        // A last line of 4 to 60 characters, unless the one before was the last.
        if (pos < text.length && text[pos] != "-") {
            uint256 last = pos + 4;
            while (last < text.length && last < pos + 60 && text[last] != "\n") last += 4;
            pos = last + 1;
        }
        if (text.length < pos + 26 || bytes26(text[pos:pos + 26]) != FOOTER) revert PemMalformed(pos);
        return pos + 26;
    }

    /// @notice The bytes of the certificate of which `text` is all, as `endOf` limits it.
    function decode(bytes calldata text) internal pure returns (bytes memory der) {
        bytes memory lines = text[28:text.length - 26];
        uint256 short = lines.length % LINE;
        if (lines.length < 5 || (short != 0 && (short < 5 || (short - 1) % 4 != 0))) revert PemMalformed(28);

        // "=" counts as zero bits, and the bytes that these would make must be zero: then they are cut off.
        uint256 padding = 0;
        while (padding < 2 && lines[lines.length - 2 - padding] == "=") {
            lines[lines.length - 2 - padding] = "A";
            ++padding;
        }
        bool isCanonical;
        (der, isCanonical) = _base64(lines, padding);
        if (!isCanonical) revert PemMalformed(28);
    }

    function _base64(bytes memory lines, uint256 padding) private pure returns (bytes memory der, bool isCanonical) {
        uint256 lineCount = (lines.length + LINE - 1) / LINE;
        // The loop writes words, of which three bytes count: so there is a word to spare.
        der = new bytes(((lines.length - lineCount) / 4) * 3 + 32);
        bytes memory table = _table();
        assembly ("memory-safe") {
            let values := add(table, 0x20)
            let out := add(der, 0x20)
            let pos := add(lines, 0x20)
            let end := add(pos, mload(lines))
            // Values of base64 are below 64; anything else sets a bit above.
            let wrong := 0
            for {} lt(pos, end) {} {
                let lineEnd := add(pos, 64)
                if iszero(lt(lineEnd, end)) {
                    lineEnd := sub(end, 1)
                }
                for {} lt(pos, lineEnd) {
                    pos := add(pos, 4)
                } {
                    let four := mload(pos)
                    let a := byte(0, mload(add(values, byte(0, four))))
                    let b := byte(0, mload(add(values, byte(1, four))))
                    let c := byte(0, mload(add(values, byte(2, four))))
                    let d := byte(0, mload(add(values, byte(3, four))))
                    wrong := or(wrong, or(or(a, b), or(c, d)))
                    mstore(out, shl(232, or(or(shl(18, a), shl(12, b)), or(shl(6, c), d))))
                    out := add(out, 3)
                }
                if iszero(eq(byte(0, mload(pos)), 10)) {
                    wrong := 0x80
                }
                pos := add(pos, 1)
            }
            let cut := shr(sub(256, mul(8, padding)), mload(sub(out, padding)))
            mstore(der, sub(sub(out, padding), add(der, 0x20)))
            isCanonical := and(lt(wrong, 64), or(iszero(padding), iszero(cut)))
        }
    }

    /// @dev The value of each character, 0xff for those that base64 does not have.
    function _table() private pure returns (bytes memory) {
        return
            abi.encodePacked(
                bytes32(type(uint256).max),
                hex"ffffffffffffffffffffff3effffff3f3435363738393a3b3c3dffffffffffff",
                hex"ff000102030405060708090a0b0c0d0e0f10111213141516171819ffffffffff",
                hex"ff1a1b1c1d1e1f202122232425262728292a2b2c2d2e2f30313233ffffffffff",
                bytes32(type(uint256).max),
                bytes32(type(uint256).max),
                bytes32(type(uint256).max),
                bytes32(type(uint256).max)
            );
    }
}
