// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {CalendarTime} from "../../libraries/CalendarTime.sol";
import {Json} from "./Json.sol";
import {TcbStatus, TcbStatuses} from "./TcbStatus.sol";

/// @notice A quoting enclave as Intel describes it.
struct EnclaveIdentity {
    // slot 0
    bytes32 mrSigner;
    // slot 1
    bytes16 attributes;
    bytes16 attributesMask;
    // slot 2
    bytes4 miscSelect;
    bytes4 miscSelectMask;
    uint16 isvProdId;
    uint40 issuedAt;
    uint40 nextUpdate;
    uint32 evaluation;
    // slot 3; from the highest version down: version << 8 | status
    uint24[] levels;
}

/// @title "enclaveIdentity", version 2, as Intel signs it
library EnclaveIdentities {
    using Json for Json.Cursor;

    /// @dev Real ones have about ten.
    uint256 internal constant MAX_LEVELS = 24;

    error IdentityIncomplete(uint256 missing);
    error IdentityValue(uint256 pos);
    error LevelsTooMany(uint256 pos);

    /// @return id Keccak-256 of the name of the enclave: "QE" or "TD_QE".
    function parse(bytes memory text) internal pure returns (bytes32 id, EnclaveIdentity memory identity) {
        Json.Cursor memory json = Json.Cursor(text, 0, false);
        uint256 missing = 0xfff;
        json.open("{");
        while (json.more("}")) {
            uint256 start = json.pos;
            uint256 bit = _bitOf(json.key());
            if (bit == 0) {
                json.skip();
                continue;
            }
            // Each member once: the second of a name would silently win.
            if (missing & bit == 0) revert IdentityValue(start);
            missing &= ~bit;
            if (bit == 0x001) id = json.word();
            else if (bit == 0x002) _requireTwo(json.number(), start);
            else _read(json, bit, identity);
        }
        json.finish();
        if (missing != 0) revert IdentityIncomplete(missing);
    }

    /// @notice Levels of one security version number, from the highest down.
    function levels(Json.Cursor memory json) internal pure returns (uint24[] memory found) {
        found = new uint24[](MAX_LEVELS);
        uint256 count = 0;
        json.open("[");
        while (json.more("]")) {
            if (count == MAX_LEVELS) revert LevelsTooMany(json.pos);
            found[count++] = _level(json);
        }
        assembly ("memory-safe") {
            mstore(found, count)
        }
    }

    /// @notice The status of the first level that a version meets.
    function statusOf(uint24[] memory levels_, uint16 isvSvn) internal pure returns (TcbStatus) {
        for (uint256 i = 0; i < levels_.length; ++i) if (isvSvn >= levels_[i] >> 8) return TcbStatus(uint8(levels_[i]));
        return TcbStatus.Unlisted;
    }

    function time(Json.Cursor memory json) internal pure returns (uint40) {
        (uint256 from, uint256 to) = json.string_();
        return CalendarTime.iso8601(json.text, from, to);
    }

    function _read(Json.Cursor memory json, uint256 bit, EnclaveIdentity memory identity) private pure {
        if (bit == 0x004) identity.issuedAt = time(json);
        else if (bit == 0x008) identity.nextUpdate = time(json);
        else if (bit == 0x010) identity.evaluation = uint32(_below(json, type(uint32).max));
        else if (bit == 0x020) identity.miscSelect = bytes4(json.hexBytes(4));
        else if (bit == 0x040) identity.miscSelectMask = bytes4(json.hexBytes(4));
        else if (bit == 0x080) identity.attributes = bytes16(json.hexBytes(16));
        else if (bit == 0x100) identity.attributesMask = bytes16(json.hexBytes(16));
        else if (bit == 0x200) identity.mrSigner = json.hexBytes(32);
        else if (bit == 0x400) identity.isvProdId = uint16(_below(json, type(uint16).max));
        else identity.levels = levels(json);
    }

    function _level(Json.Cursor memory json) private pure returns (uint24) {
        uint256 svn = type(uint256).max;
        TcbStatus status;
        json.open("{");
        while (json.more("}")) {
            bytes32 key = json.key();
            if (key == keccak256("tcb")) svn = _isvSvn(json);
            else if (key == keccak256("tcbStatus")) status = TcbStatuses.fromWord(json.word());
            else json.skip();
        }
        if (svn > type(uint16).max || status == TcbStatus.Unlisted) revert IdentityValue(json.pos);
        return uint24((svn << 8) | uint8(status));
    }

    function _isvSvn(Json.Cursor memory json) private pure returns (uint256 svn) {
        svn = type(uint256).max;
        json.open("{");
        while (json.more("}")) {
            if (json.key() == keccak256("isvsvn")) svn = json.number();
            else json.skip();
        }
    }

    function _below(Json.Cursor memory json, uint256 max) private pure returns (uint256 value) {
        value = json.number();
        if (value > max) revert IdentityValue(json.pos);
    }

    function _requireTwo(uint256 version, uint256 pos) private pure {
        if (version != 2) revert IdentityValue(pos);
    }

    function _bitOf(bytes32 key) private pure returns (uint256) {
        if (key == keccak256("id")) return 0x001;
        if (key == keccak256("version")) return 0x002;
        if (key == keccak256("issueDate")) return 0x004;
        if (key == keccak256("nextUpdate")) return 0x008;
        if (key == keccak256("tcbEvaluationDataNumber")) return 0x010;
        if (key == keccak256("miscselect")) return 0x020;
        if (key == keccak256("miscselectMask")) return 0x040;
        if (key == keccak256("attributes")) return 0x080;
        if (key == keccak256("attributesMask")) return 0x100;
        if (key == keccak256("mrsigner")) return 0x200;
        if (key == keccak256("isvprodid")) return 0x400;
        if (key == keccak256("tcbLevels")) return 0x800;
        return 0;
    }
}
