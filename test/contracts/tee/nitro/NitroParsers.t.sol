// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Cbor} from "../../../../contracts/tee/nitro/Cbor.sol";
import {Certificates384} from "../../../../contracts/tee/nitro/Certificate384.sol";
import {NitroDocuments} from "../../../../contracts/tee/nitro/NitroDocument.sol";
import {RevocationLists384} from "../../../../contracts/tee/nitro/RevocationList384.sol";

/// @dev The parsers, callable from outside.
contract NitroParsers {
    function document(bytes memory data) external pure {
        NitroDocuments.read(data);
    }

    function certificate(bytes memory der) external pure {
        Certificates384.parse(der);
    }

    function list(bytes memory der) external pure {
        RevocationLists384.has(der, RevocationLists384.parse(der), 1);
    }

    function id(bytes memory der) external pure {
        Certificates384.idOf(der);
    }

    function head(bytes memory data, uint8 kind) external pure returns (uint256 value, uint256 to) {
        return Cbor.head(data, 0, data.length, kind);
    }

    function text(bytes memory data) external pure returns (uint256 from, uint256 to) {
        return Cbor.text(data, 0, data.length, Cbor.BYTES, 0, 1024);
    }
}

/// @dev Whatever bytes come: a value, or a typed error. Never a panic, never all the gas.
contract NitroParsersTest {
    uint256 private constant GAS = 3_000_000;
    bytes private constant START = hex"8444a1013822a0";

    NitroParsers private immutable PARSERS = new NitroParsers();

    function testFuzz_AnyBytesEndInATypedError(bytes calldata data) external view {
        _requireClean(abi.encodeCall(NitroParsers.document, (data)));
        _requireClean(abi.encodeCall(NitroParsers.certificate, (data)));
        _requireClean(abi.encodeCall(NitroParsers.list, (data)));
        _requireClean(abi.encodeCall(NitroParsers.id, (data)));
        _requireClean(abi.encodeCall(NitroParsers.text, (data)));
    }

    /// @dev Beginnings that lead further into the parsers than any bytes would.
    function testFuzz_LikelyBytesEndInATypedError(bytes calldata data, uint8 length, uint8 field) external view {
        _requireClean(abi.encodeCall(NitroParsers.document, (abi.encodePacked(START, data))));
        _requireClean(abi.encodeCall(NitroParsers.document, (abi.encodePacked(hex"d2", START, hex"58", length, data))));
        bytes memory payload = abi.encodePacked(hex"bf", _label(field), data);
        bytes memory whole = abi.encodePacked(
            START,
            hex"59",
            uint16(payload.length),
            payload,
            hex"5860",
            new bytes(96)
        );
        if (payload.length < 1024) _requireClean(abi.encodeCall(NitroParsers.document, (whole)));
        bytes memory certificate = abi.encodePacked(hex"3081", length, hex"3081", length >> 1, hex"a003020102", data);
        _requireClean(abi.encodeCall(NitroParsers.certificate, (certificate)));
    }

    function testFuzz_NumbersAreReadBackFromTheirOnlyForm(uint64 value, uint8 kind) external view {
        kind %= 8;
        bytes memory shortest = _head(value, kind);
        (uint256 read, uint256 to) = PARSERS.head(shortest, kind);
        assert(read == value && to == shortest.length);

        bytes1 wide = bytes1((kind << 5) | 27);
        (bool passes, ) = address(PARSERS).staticcall(
            abi.encodeCall(NitroParsers.head, (abi.encodePacked(wide, value), kind))
        );
        assert(passes == value > type(uint32).max);
    }

    function testFuzz_StringsLieWithinWhatIsRead(bytes calldata data, uint16 length) external view {
        bytes memory string_ = abi.encodePacked(_head(length, Cbor.BYTES), data);
        try PARSERS.text(string_) returns (uint256 from, uint256 to) {
            assert(to - from == length && to <= string_.length && length <= 1024);
        } catch {
            assert(length > 1024 || length > data.length);
        }
    }

    function _requireClean(bytes memory call) private view {
        (bool passes, bytes memory reason) = address(PARSERS).staticcall{gas: GAS}(call);
        // Panics and errors with a string have 36 bytes and more, and these selectors.
        assert(passes || reason.length >= 4);
        if (!passes) assert(bytes4(reason) != 0x4e487b71 && bytes4(reason) != 0x08c379a0);
    }

    function _label(uint8 field) private pure returns (bytes memory) {
        bytes[6] memory labels = [
            bytes(hex"6470637273"),
            hex"68636162756e646c65",
            hex"6974696d657374616d70",
            hex"66646967657374",
            hex"6b6365727469666963617465",
            hex"69757365725f64617461"
        ];
        return labels[field % 6];
    }

    function _head(uint64 value, uint8 kind) private pure returns (bytes memory) {
        uint8 first = kind << 5;
        if (value < 24) return abi.encodePacked(first | uint8(value));
        if (value <= type(uint8).max) return abi.encodePacked(first | 24, uint8(value));
        if (value <= type(uint16).max) return abi.encodePacked(first | 25, uint16(value));
        if (value <= type(uint32).max) return abi.encodePacked(first | 26, uint32(value));
        return abi.encodePacked(first | 27, value);
    }
}
