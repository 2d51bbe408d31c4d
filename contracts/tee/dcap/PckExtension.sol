// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Der} from "../x509/Der.sol";
import {Extensions} from "../x509/Extensions.sol";

/// @notice What the certificate of a provisioning certification key (PCK) says about the platform.
struct PlatformTcb {
    /// Security version numbers of the 16 components.
    bytes16 componentSvns;
    uint16 pceSvn;
    bytes2 pceId;
    bytes6 fmspc;
}

/// @title The SGX extension of a PCK certificate (1.2.840.113741.1.13.1)
library PckExtension {
    using Der for bytes;

    bytes32 private constant TCB = hex"2a864886f84d010d0102";
    bytes32 private constant PCE_ID = hex"2a864886f84d010d0103";
    bytes32 private constant FMSPC = hex"2a864886f84d010d0104";
    /// @dev Real ones have seven.
    uint256 private constant MAX_FIELDS = 12;
    uint256 private constant COMPONENTS = 16;

    error PckFieldMissing(uint256 pos);
    error PckFieldTwice(uint256 pos);
    error PckFieldMalformed(uint256 pos);

    function parse(bytes memory der, uint256 pos, uint256 end) internal pure returns (PlatformTcb memory tcb) {
        uint256 to;
        (pos, to) = der.expect(pos, end, Der.SEQUENCE);
        Der.finish(to, end);
        uint256 seen = 0;
        for (uint256 i = 0; pos < to; ++i) {
            if (i == MAX_FIELDS) revert PckFieldMalformed(pos);
            (uint256 field, uint256 last) = der.expect(pos, to, Der.SEQUENCE);
            (bytes32 oid, uint256 value) = Extensions.oidAt(der, field, last);
            uint256 bit =
                oid == TCB
                    ? 1
                    : oid == PCE_ID
                        ? 2
                        : oid == FMSPC
                            ? 4
                            : 0;
            if (seen & bit != 0) revert PckFieldTwice(pos);
            seen |= bit;
            if (bit == 1) (tcb.componentSvns, tcb.pceSvn) = _svns(der, value, last);
            if (bit == 2) tcb.pceId = bytes2(_octets(der, value, last, 2));
            if (bit == 4) tcb.fmspc = bytes6(_octets(der, value, last, 6));
            pos = last;
        }
        if (seen != 7) revert PckFieldMissing(end);
    }

    /// @dev Components 1 to 16 and 17, the PCE's, as Intel writes them: in this order. What follows is the CPU's SVN,
    /// which says the same in another form.
    function _svns(bytes memory der, uint256 pos, uint256 end) private pure returns (bytes16 svns, uint16 pceSvn) {
        uint256 to;
        (pos, to) = der.expect(pos, end, Der.SEQUENCE);
        Der.finish(to, end);
        uint256 packed = 0;
        for (uint256 i = 1; i <= COMPONENTS + 1; ++i) {
            (uint256 field, uint256 last) = der.expect(pos, to, Der.SEQUENCE);
            (bytes32 oid, uint256 value) = Extensions.oidAt(der, field, last);
            if (oid != TCB | bytes32(i << 168)) revert PckFieldMissing(pos);
            (uint256 svn, uint256 after_) = der.integer(value, last);
            bool isPce = i > COMPONENTS;
            if (after_ != last || svn > (isPce ? type(uint16).max : type(uint8).max)) revert PckFieldMalformed(pos);
            if (isPce) pceSvn = uint16(svn);
            else packed = (packed << 8) | svn;
            pos = last;
        }
        svns = bytes16(uint128(packed));
    }

    function _octets(bytes memory der, uint256 pos, uint256 end, uint256 length) private pure returns (bytes32) {
        (uint256 from, uint256 to) = der.expect(pos, end, Der.OCTET_STRING);
        if (to != end || to - from != length) revert PckFieldMalformed(pos);
        return der.wordAt(from);
    }
}
