// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {EnclaveIdentities} from "./EnclaveIdentity.sol";
import {Json} from "./Json.sol";
import {TcbStatus, TcbStatuses} from "./TcbStatus.sol";
import {TdxModule, TdxModules} from "./TdxModule.sol";

/// @notice One level of security version numbers: a platform is at it if no number of its own is lower.
struct TcbLevel {
    // slot 0
    bytes16 sgxSvns;
    bytes16 tdxSvns;
    // slot 1
    uint16 pceSvn;
    TcbStatus status;
}

/// @notice What Intel says of a family of platforms, without the lists.
struct TcbInfo {
    bool isTdx;
    bytes6 fmspc;
    bytes2 pceId;
    uint40 issuedAt;
    uint40 nextUpdate;
    uint32 evaluation;
}

/// @notice The text as a whole. Levels go from the highest down.
struct TcbInfoText {
    TcbInfo info;
    TcbLevel[] levels;
    TdxModule[] modules;
}

/// @title "tcbInfo", version 3, as Intel signs it
library TcbInfos {
    using Json for Json.Cursor;

    /// @dev Real ones have up to about twenty levels and three modules.
    uint256 internal constant MAX_LEVELS = 32;
    uint256 private constant COMPONENTS = 16;

    error TcbInfoIncomplete(uint256 missing);
    error TcbInfoValue(uint256 pos);

    function parse(bytes memory text) internal pure returns (TcbInfoText memory parsed) {
        Json.Cursor memory json = Json.Cursor(text, 0, false);
        uint256 missing = 0x1ff;
        uint256 seen = 0;
        json.open("{");
        while (json.more("}")) {
            uint256 start = json.pos;
            uint256 bit = _bitOf(json.key());
            if (bit == 0) {
                json.skip();
                continue;
            }
            // Each member once: the second of a name would silently win.
            if (seen & bit != 0) revert TcbInfoValue(start);
            seen |= bit;
            missing &= ~bit;
            _read(json, bit, parsed);
        }
        json.finish();
        // Only TDX has a module, and it needs one.
        if (parsed.info.isTdx && seen & 0x200 == 0) missing |= 0x200;
        if (missing != 0) revert TcbInfoIncomplete(missing);
        for (uint256 i = 0; i < parsed.levels.length; ++i)
            if (parsed.info.isTdx == (parsed.levels[i].tdxSvns == _noSvns())) revert TcbInfoValue(0);
    }

    function _read(Json.Cursor memory json, uint256 bit, TcbInfoText memory parsed) private pure {
        if (bit == 0x001) parsed.info.isTdx = _isTdx(json);
        else if (bit == 0x002) _require(json, 3);
        else if (bit == 0x004) parsed.info.issuedAt = EnclaveIdentities.time(json);
        else if (bit == 0x008) parsed.info.nextUpdate = EnclaveIdentities.time(json);
        else if (bit == 0x010) parsed.info.fmspc = bytes6(json.hexBytes(6));
        else if (bit == 0x020) parsed.info.pceId = bytes2(json.hexBytes(2));
        else if (bit == 0x040) _require(json, 0);
        else if (bit == 0x080) parsed.info.evaluation = uint32(_below(json, type(uint32).max));
        else if (bit == 0x100) parsed.levels = _levels(json);
        else parsed.modules = TdxModules.parse(json);
    }

    function _levels(Json.Cursor memory json) private pure returns (TcbLevel[] memory found) {
        found = new TcbLevel[](MAX_LEVELS);
        uint256 count = 0;
        json.open("[");
        while (json.more("]")) {
            if (count == MAX_LEVELS) revert EnclaveIdentities.LevelsTooMany(json.pos);
            found[count++] = _level(json);
        }
        assembly ("memory-safe") {
            mstore(found, count)
        }
    }

    function _level(Json.Cursor memory json) private pure returns (TcbLevel memory level) {
        bool hasSvns;
        json.open("{");
        while (json.more("}")) {
            bytes32 key = json.key();
            if (key == keccak256("tcb")) hasSvns = _svns(json, level);
            else if (key == keccak256("tcbStatus")) level.status = TcbStatuses.fromWord(json.word());
            else json.skip();
        }
        if (!hasSvns || level.status == TcbStatus.Unlisted) revert TcbInfoValue(json.pos);
    }

    function _svns(Json.Cursor memory json, TcbLevel memory level) private pure returns (bool) {
        uint256 seen = 0;
        level.tdxSvns = _noSvns();
        json.open("{");
        while (json.more("}")) {
            bytes32 key = json.key();
            if (key == keccak256("sgxtcbcomponents")) {
                level.sgxSvns = _components(json);
                seen |= 1;
            } else if (key == keccak256("pcesvn")) {
                level.pceSvn = uint16(_below(json, type(uint16).max));
                seen |= 2;
            } else if (key == keccak256("tdxtcbcomponents")) level.tdxSvns = _components(json);
            else json.skip();
        }
        return seen == 3;
    }

    function _components(Json.Cursor memory json) private pure returns (bytes16) {
        uint256 packed = 0;
        uint256 count = 0;
        json.open("[");
        for (; json.more("]"); ++count) {
            if (count == COMPONENTS) revert TcbInfoValue(json.pos);
            packed = (packed << 8) | _svn(json);
        }
        if (count != COMPONENTS) revert TcbInfoValue(json.pos);
        return bytes16(uint128(packed));
    }

    function _svn(Json.Cursor memory json) private pure returns (uint256 svn) {
        svn = type(uint256).max;
        json.open("{");
        while (json.more("}")) {
            if (json.key() == keccak256("svn")) svn = json.number();
            else json.skip();
        }
        if (svn > type(uint8).max) revert TcbInfoValue(json.pos);
    }

    function _isTdx(Json.Cursor memory json) private pure returns (bool) {
        bytes32 id = json.word();
        if (id != keccak256("SGX") && id != keccak256("TDX")) revert TcbInfoValue(json.pos);
        return id == keccak256("TDX");
    }

    function _require(Json.Cursor memory json, uint256 needed) private pure {
        if (json.number() != needed) revert TcbInfoValue(json.pos);
    }

    function _below(Json.Cursor memory json, uint256 max) private pure returns (uint256 value) {
        value = json.number();
        if (value > max) revert TcbInfoValue(json.pos);
    }

    /// @dev Stands for a level without numbers of TDX, which no list of 16 numbers has.
    function _noSvns() private pure returns (bytes16) {
        return bytes16(type(uint128).max);
    }

    function _bitOf(bytes32 key) private pure returns (uint256) {
        if (key == keccak256("id")) return 0x001;
        if (key == keccak256("version")) return 0x002;
        if (key == keccak256("issueDate")) return 0x004;
        if (key == keccak256("nextUpdate")) return 0x008;
        if (key == keccak256("fmspc")) return 0x010;
        if (key == keccak256("pceId")) return 0x020;
        if (key == keccak256("tcbType")) return 0x040;
        if (key == keccak256("tcbEvaluationDataNumber")) return 0x080;
        if (key == keccak256("tcbLevels")) return 0x100;
        if (key == keccak256("tdxModuleIdentities")) return 0x200;
        return 0;
    }
}
