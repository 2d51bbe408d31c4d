// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Base64} from "@openzeppelin/contracts/utils/Base64.sol";

import {CalendarTime} from "../../../contracts/libraries/CalendarTime.sol";
import {EnclaveIdentities} from "../../../contracts/tee/dcap/EnclaveIdentity.sol";
import {Json} from "../../../contracts/tee/dcap/Json.sol";
import {Quotes} from "../../../contracts/tee/dcap/Quote.sol";
import {Der} from "../../../contracts/tee/x509/Der.sol";
import {Pem} from "../../../contracts/tee/x509/Pem.sol";
import {RevocationLists} from "../../../contracts/tee/x509/RevocationLists.sol";
import {X509} from "../../../contracts/tee/x509/X509.sol";

/// @dev The parsers, callable from outside.
contract Parsers {
    using Json for Json.Cursor;

    function certificate(bytes memory der) external view {
        X509.parse(der);
    }

    function list(bytes memory der) external view {
        RevocationLists.parse(der);
    }

    function integer(bytes memory der) external pure returns (uint256 value) {
        (value, ) = Der.integer(der, 0, der.length);
    }

    function pem(bytes calldata text) external pure returns (bytes memory) {
        return Pem.decode(text[:Pem.endOf(text, 0)]);
    }

    function skip(bytes memory text) external pure {
        Json.Cursor memory json = Json.Cursor(text, 0, false);
        json.skip();
        json.finish();
    }

    function identity(bytes memory text) external pure {
        EnclaveIdentities.parse(text);
    }

    function quote(bytes calldata quote_) external pure {
        Quotes.read(quote_);
    }

    function derTime(bytes memory text) external pure returns (uint40) {
        return CalendarTime.der(text, 0, text.length);
    }
}

/// @dev Whatever bytes come: a value, or a typed error. Never a panic, never all the gas.
contract ParsersTest {
    uint256 private constant GAS = 3_000_000;

    Parsers private immutable PARSERS = new Parsers();

    function testFuzz_AnyBytesEndInATypedError(bytes calldata data) external view {
        _requireClean(abi.encodeCall(Parsers.certificate, (data)));
        _requireClean(abi.encodeCall(Parsers.list, (data)));
        _requireClean(abi.encodeCall(Parsers.pem, (data)));
        _requireClean(abi.encodeCall(Parsers.skip, (data)));
        _requireClean(abi.encodeCall(Parsers.identity, (data)));
        _requireClean(abi.encodeCall(Parsers.quote, (data)));
        _requireClean(abi.encodeCall(Parsers.derTime, (data)));
    }

    /// @dev Beginnings that lead further into the parsers than any bytes would.
    function testFuzz_LikelyBytesEndInATypedError(bytes calldata data, uint8 length) external view {
        bytes memory certificate = abi.encodePacked(hex"3081", length, hex"3081", length >> 1, hex"a003020102", data);
        _requireClean(abi.encodeCall(Parsers.certificate, (certificate)));
        _requireClean(abi.encodeCall(Parsers.pem, (abi.encodePacked("-----BEGIN CERTIFICATE-----\n", data))));
        _requireClean(abi.encodeCall(Parsers.identity, (abi.encodePacked('{"version":2,"tcbLevels":[', data))));
        bytes memory header = abi.encodePacked(
            hex"0400020081000000",
            bytes4(0),
            bytes16(hex"939a7233f79c4ca9940a0db3957f0607")
        );
        bytes memory quote = abi.encodePacked(
            header,
            new bytes(604),
            length,
            bytes3(0),
            new bytes(uint256(length)),
            data
        );
        _requireClean(abi.encodeCall(Parsers.quote, (quote)));
    }

    function testFuzz_IntegersAreReadBackFromTheirOnlyForm(uint256 value) external view {
        bytes memory content = abi.encodePacked(value);
        uint256 from = 0;
        while (from < 31 && content[from] == 0) ++from;
        bytes memory shortest = new bytes(32 - from);
        for (uint256 i = 0; i < shortest.length; ++i) shortest[i] = content[from + i];
        if (uint8(shortest[0]) >= 0x80) shortest = abi.encodePacked(hex"00", shortest);
        assert(PARSERS.integer(abi.encodePacked(hex"02", uint8(shortest.length), shortest)) == value);

        bytes memory longer = abi.encodePacked(hex"02", uint8(shortest.length + 1), hex"00", shortest);
        (bool passes, ) = address(PARSERS).staticcall(abi.encodeCall(Parsers.integer, (longer)));
        assert(!passes);
    }

    function testFuzz_PemIsReadBack(bytes calldata der) external view {
        if (der.length == 0 || der.length > 1900) return;
        bytes memory text = _pem(bytes(Base64.encode(der)));
        assert(keccak256(PARSERS.pem(text)) == keccak256(der));
    }

    function _requireClean(bytes memory call) private view {
        (bool passes, bytes memory reason) = address(PARSERS).staticcall{gas: GAS}(call);
        // Panics and errors with a string have 36 bytes and more, and these selectors.
        assert(passes || reason.length >= 4);
        if (!passes) assert(bytes4(reason) != 0x4e487b71 && bytes4(reason) != 0x08c379a0);
    }

    function _pem(bytes memory base64) private pure returns (bytes memory text) {
        text = "-----BEGIN CERTIFICATE-----\n";
        for (uint256 from = 0; from < base64.length; from += 64) {
            uint256 length = base64.length - from < 64 ? base64.length - from : 64;
            bytes memory line = new bytes(length);
            for (uint256 i = 0; i < length; ++i) line[i] = base64[from + i];
            text = abi.encodePacked(text, line, "\n");
        }
        text = abi.encodePacked(text, "-----END CERTIFICATE-----\n");
    }
}
