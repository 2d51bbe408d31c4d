// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Uint384} from "../../interfaces/IP384.sol";
import {Cbor} from "./Cbor.sol";
import {Sha384} from "./Sha384.sol";

/// @notice A part of a document: `document[from:to]`. Without the part both are zero.
struct Span {
    uint256 from;
    uint256 to;
}

/// @notice What an attestation document says. Nothing of it is true before the signature was checked.
struct NitroDocument {
    // What is signed, and the two numbers of the signature.
    Span payload;
    Uint384 r;
    Uint384 s;
    /// Milliseconds since 1970.
    uint64 timestamp;
    /// Each of 48 bytes.
    Span pcr0;
    Span pcr1;
    Span pcr2;
    Span moduleId;
    Span certificate;
    Span publicKey;
    Span userData;
    Span nonce;
}

/// @title Reads attestation documents of AWS Nitro Enclaves: COSE_Sign1 with ES384 around a map
/// @dev https://github.com/aws/aws-nitro-enclaves-nsm-api/blob/main/docs/attestation_process.md has the fields and
/// their limits. The certificates of the bundle are read over: chains are built from what was remembered.
library NitroDocuments {
    using Cbor for bytes;

    uint256 internal constant MAX_BYTES = 16_384;
    uint256 private constant MAX_PART = 1024;
    uint256 private constant MAX_BUNDLE = 8;
    uint256 private constant MAX_PCRS = 32;
    uint256 private constant DIGEST_BYTES = 48;

    /// @dev The tag of COSE_Sign1.
    uint256 private constant COSE_SIGN1 = 18;
    /// @dev The algorithm in the protected header: a string of the map {1: -35}. The header that is not, is empty.
    bytes5 private constant ES384 = hex"44a1013822";
    bytes1 private constant NO_HEADER = 0xa0;

    bytes32 private constant MODULE_ID = keccak256("module_id");
    bytes32 private constant DIGEST = keccak256("digest");
    bytes32 private constant TIMESTAMP = keccak256("timestamp");
    bytes32 private constant PCRS = keccak256("pcrs");
    bytes32 private constant CERTIFICATE = keccak256("certificate");
    bytes32 private constant CABUNDLE = keccak256("cabundle");
    bytes32 private constant PUBLIC_KEY = keccak256("public_key");
    bytes32 private constant USER_DATA = keccak256("user_data");
    bytes32 private constant NONCE = keccak256("nonce");
    uint256 private constant FIELDS = 9;
    /// @dev The first six, which must be there.
    uint256 private constant REQUIRED = 0x3f;

    bytes32 private constant SHA384 = keccak256("SHA384");

    error DocumentTooLong(uint256 length, uint256 most);
    /// @notice The header names another algorithm than ES384, or has more in it.
    error DocumentAlgorithm(uint256 pos);
    error DocumentFieldUnknown(uint256 pos);
    error DocumentFieldTwice(uint256 pos);
    error DocumentFieldMissing();
    /// @notice A hash other than SHA-384, no time, or registers that are not in order.
    error DocumentValue(uint256 pos);

    function read(bytes memory document) internal pure returns (NitroDocument memory found) {
        uint256 end = document.length;
        if (end > MAX_BYTES) revert DocumentTooLong(end, MAX_BYTES);
        uint256 pos = 0;
        if (end > 0 && uint8(document[0]) >> 5 == Cbor.TAG) {
            uint256 tag;
            (tag, pos) = document.head(0, end, Cbor.TAG);
            if (tag != COSE_SIGN1) revert DocumentAlgorithm(0);
        }
        uint256 parts;
        (parts, pos) = document.head(pos, end, Cbor.ARRAY);
        if (parts != 4) revert Cbor.CborLength(pos);
        pos = _header(document, pos, end);

        uint256 last;
        (found.payload.from, found.payload.to) = document.text(pos, end, Cbor.BYTES, 1, MAX_BYTES);
        (pos, last) = document.text(found.payload.to, end, Cbor.BYTES, 2 * DIGEST_BYTES, 2 * DIGEST_BYTES);
        Cbor.finish(last, end);
        found.r = numberAt(document, pos);
        found.s = numberAt(document, pos + DIGEST_BYTES);
        _payload(document, found);
    }

    /// @notice SHA-384 of what is signed: Sig_structure of RFC 9052, 4.4, with no external data.
    function digest(bytes memory document, NitroDocument memory read_) internal pure returns (Uint384 memory) {
        uint256 length = read_.payload.to - read_.payload.from;
        bytes memory head =
            length < 24
                ? abi.encodePacked(uint8(0x40 | length))
                : length < 0x100
                    ? abi.encodePacked(uint8(0x58), uint8(length))
                    : abi.encodePacked(uint8(0x59), uint16(length));
        bytes memory signed = abi.encodePacked(
            hex"846a",
            "Signature1",
            ES384,
            hex"40",
            head,
            slice(document, read_.payload)
        );
        return Sha384.hash(signed, 0, signed.length);
    }

    function slice(bytes memory document, Span memory span) internal pure returns (bytes memory part) {
        uint256 from = span.from;
        uint256 length = span.to - from;
        part = new bytes(length);
        assembly ("memory-safe") {
            mcopy(add(part, 0x20), add(add(document, 0x20), from), length)
        }
    }

    /// @dev `pos + 48` lies within the data.
    function numberAt(bytes memory data, uint256 pos) internal pure returns (Uint384 memory number) {
        uint256 high;
        uint256 low;
        assembly ("memory-safe") {
            high := shr(128, mload(add(add(data, 0x20), pos)))
            low := mload(add(add(data, 0x30), pos))
        }
        (number.high, number.low) = (uint128(high), low);
    }

    function _header(bytes memory document, uint256 pos, uint256 end) private pure returns (uint256 to) {
        to = pos + 6;
        if (to > end) revert Cbor.CborTruncated(pos);
        for (uint256 i = 0; i < 5; ++i) {
            if (document[pos + i] != ES384[i]) revert DocumentAlgorithm(pos + i);
        }
        if (document[to - 1] != NO_HEADER) revert DocumentAlgorithm(to - 1);
    }

    function _payload(bytes memory document, NitroDocument memory found) private pure {
        uint256 end = found.payload.to;
        (uint256 count, bool hasBreak, uint256 pos) = document.map(found.payload.from, end, FIELDS);
        uint256 seen = 0;
        for (uint256 i = 0; i < count; ++i) {
            if (hasBreak && document.isBreak(pos, end)) break;
            (uint256 from, uint256 to) = document.text(pos, end, Cbor.TEXT, 1, 16);
            uint256 field = _fieldOf(_keccak(document, from, to), pos);
            if (seen & (1 << field) != 0) revert DocumentFieldTwice(pos);
            seen |= 1 << field;
            pos = _value(document, to, field, found);
        }
        if (hasBreak) {
            if (!document.isBreak(pos, end)) revert DocumentFieldUnknown(pos);
            ++pos;
        }
        Cbor.finish(pos, end);
        if (seen & REQUIRED != REQUIRED) revert DocumentFieldMissing();
    }

    function _value(
        bytes memory document,
        uint256 pos,
        uint256 field,
        NitroDocument memory found
    ) private pure returns (uint256) {
        uint256 end = found.payload.to;
        if (field == 0) return _set(document, pos, end, Cbor.TEXT, found.moduleId);
        if (field == 1) return _digestName(document, pos, end);
        if (field == 2) return _timestamp(document, pos, end, found);
        if (field == 3) return _registers(document, pos, end, found);
        if (field == 4) return _set(document, pos, end, Cbor.BYTES, found.certificate);
        if (field == 5) return _bundle(document, pos, end);
        if (document.isNull(pos, end)) return pos + 1;
        if (field == 6) return _bytes(document, pos, end, found.publicKey);
        if (field == 7) return _bytes(document, pos, end, found.userData);
        return _bytes(document, pos, end, found.nonce);
    }

    function _set(
        bytes memory document,
        uint256 pos,
        uint256 end,
        uint8 kind,
        Span memory span
    ) private pure returns (uint256) {
        (span.from, span.to) = document.text(pos, end, kind, 1, MAX_PART);
        return span.to;
    }

    function _bytes(bytes memory document, uint256 pos, uint256 end, Span memory span) private pure returns (uint256) {
        (span.from, span.to) = document.text(pos, end, Cbor.BYTES, 0, MAX_PART);
        return span.to;
    }

    function _digestName(bytes memory document, uint256 pos, uint256 end) private pure returns (uint256) {
        (uint256 from, uint256 to) = document.text(pos, end, Cbor.TEXT, 1, MAX_PART);
        if (_keccak(document, from, to) != SHA384) revert DocumentValue(pos);
        return to;
    }

    function _timestamp(
        bytes memory document,
        uint256 pos,
        uint256 end,
        NitroDocument memory found
    ) private pure returns (uint256) {
        (uint256 timestamp, uint256 to) = document.head(pos, end, Cbor.UNSIGNED);
        if (timestamp == 0) revert DocumentValue(pos);
        found.timestamp = uint64(timestamp);
        return to;
    }

    /// @dev The first three must be there. The numbers grow, so that none is there twice.
    function _registers(
        bytes memory document,
        uint256 pos,
        uint256 end,
        NitroDocument memory found
    ) private pure returns (uint256) {
        uint256 count;
        (count, pos) = document.head(pos, end, Cbor.MAP);
        if (count < 3 || count > MAX_PCRS) revert Cbor.CborLength(pos);
        uint256 least = 0;
        for (uint256 i = 0; i < count; ++i) {
            (uint256 number, uint256 to) = document.head(pos, end, Cbor.UNSIGNED);
            if (number < least || number >= MAX_PCRS || (i < 3 && number != i)) revert DocumentValue(pos);
            least = number + 1;
            uint256 from;
            (from, pos) = document.text(to, end, Cbor.BYTES, DIGEST_BYTES, DIGEST_BYTES);
            if (i < 3) {
                Span memory register =
                    i == 0
                        ? found.pcr0
                        : i == 1
                            ? found.pcr1
                            : found.pcr2;
                (register.from, register.to) = (from, pos);
            }
        }
        return pos;
    }

    function _bundle(bytes memory document, uint256 pos, uint256 end) private pure returns (uint256) {
        uint256 count;
        (count, pos) = document.head(pos, end, Cbor.ARRAY);
        if (count == 0 || count > MAX_BUNDLE) revert Cbor.CborLength(pos);
        for (uint256 i = 0; i < count; ++i) (, pos) = document.text(pos, end, Cbor.BYTES, 1, MAX_PART);
        return pos;
    }

    function _fieldOf(bytes32 name, uint256 pos) private pure returns (uint256) {
        if (name == MODULE_ID) return 0;
        if (name == DIGEST) return 1;
        if (name == TIMESTAMP) return 2;
        if (name == PCRS) return 3;
        if (name == CERTIFICATE) return 4;
        if (name == CABUNDLE) return 5;
        if (name == PUBLIC_KEY) return 6;
        if (name == USER_DATA) return 7;
        if (name == NONCE) return 8;
        revert DocumentFieldUnknown(pos);
    }

    function _keccak(bytes memory data, uint256 from, uint256 to) private pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            hash := keccak256(add(add(data, 0x20), from), sub(to, from))
        }
    }
}
