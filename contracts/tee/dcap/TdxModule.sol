// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {EnclaveIdentities} from "./EnclaveIdentity.sol";
import {Json} from "./Json.sol";

/// @notice A TDX module as Intel describes it.
struct TdxModule {
    // slot 0
    /// Keccak-256 of the 48 bytes.
    bytes32 mrSigner;
    // slot 1
    bytes8 attributes;
    bytes8 attributesMask;
    /// The major version, which is the second byte of a quote's TEE TCB SVN.
    uint8 version;
    // slot 2; as in EnclaveIdentity
    uint24[] levels;
}

/// @title "tdxModuleIdentities" in the TCB info of TDX
library TdxModules {
    using Json for Json.Cursor;

    uint256 private constant MAX_MODULES = 8;

    error TdxModuleValue(uint256 pos);

    function parse(Json.Cursor memory json) internal pure returns (TdxModule[] memory modules) {
        modules = new TdxModule[](MAX_MODULES);
        uint256 count = 0;
        json.open("[");
        while (json.more("]")) {
            if (count == MAX_MODULES) revert TdxModuleValue(json.pos);
            modules[count++] = _one(json);
        }
        assembly ("memory-safe") {
            mstore(modules, count)
        }
    }

    function _one(Json.Cursor memory json) private pure returns (TdxModule memory module) {
        uint256 seen = 0;
        json.open("{");
        while (json.more("}")) {
            bytes32 key = json.key();
            uint256 bit = 0;
            if (key == keccak256("id")) {
                bit = 1;
                module.version = _version(json);
            } else if (key == keccak256("mrsigner")) {
                bit = 2;
                module.mrSigner = _mrSigner(json);
            } else if (key == keccak256("attributes")) {
                bit = 4;
                module.attributes = bytes8(json.hexBytes(8));
            } else if (key == keccak256("attributesMask")) {
                bit = 8;
                module.attributesMask = bytes8(json.hexBytes(8));
            } else if (key == keccak256("tcbLevels")) {
                bit = 16;
                module.levels = EnclaveIdentities.levels(json);
            } else json.skip();
            if (seen & bit != 0) revert TdxModuleValue(json.pos);
            seen |= bit;
        }
        if (seen != 31) revert TdxModuleValue(json.pos);
    }

    /// @dev "TDX_" and two hexadecimal digits.
    function _version(Json.Cursor memory json) private pure returns (uint8) {
        (uint256 from, uint256 to) = json.string_();
        bytes memory text = json.text;
        bool isNamed =
            to - from == 6 &&
                text[from] == "T" &&
                text[from + 1] == "D" &&
                text[from + 2] == "X" &&
                text[from + 3] == "_";
        if (!isNamed) revert TdxModuleValue(from);
        return uint8(bytes1(json.hexAt(from + 4, 1)));
    }

    function _mrSigner(Json.Cursor memory json) private pure returns (bytes32) {
        (uint256 from, uint256 to) = json.string_();
        if (to - from != 96) revert TdxModuleValue(from);
        return keccak256(abi.encodePacked(json.hexAt(from, 32), bytes16(json.hexAt(from + 64, 16))));
    }
}
