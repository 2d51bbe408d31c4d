// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title What the bodies of quotes say: which code and configuration runs, and what it chose to say
/// @dev Measurements are Keccak-256 hashes of the fields below, one after the other. Left out is what differs between
/// good machines or from start to start: versions of CPU and TDX module (they belong to the TCB), the CPU's features of
/// SGX (XFRM, MISCSELECT), and report data.
///
/// SGX: the 32 bytes "assay.measurement.sgx", MRENCLAVE, MRSIGNER, ISVEXTPRODID (16), ISVFAMILYID (16), CONFIGID (64),
/// ISVPRODID, ISVSVN, CONFIGSVN (2 each) and the flags of the attributes (8).
/// TDX: the 32 bytes "assay.measurement.tdx", TD attributes (8), XFAM (8), MRTD, MRCONFIGID, MROWNER, MROWNERCONFIG,
/// RTMR0 to RTMR3 and MRSERVICETD (48 each); the last is zero in TD 1.0, which does not have it.
library ReportBody {
    bytes32 private constant SGX_TAG = "assay.measurement.sgx";
    bytes32 private constant TDX_TAG = "assay.measurement.tdx";
    uint256 private constant TD10_BYTES = 584;
    uint8 private constant SGX_DEBUG = 0x02;

    /// @notice The code can be read and changed from outside.
    error DebugEnclave();

    function sgxMeasurement(bytes calldata body) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encodePacked(
                    SGX_TAG,
                    body[64:96],
                    body[128:160],
                    body[32:48],
                    body[304:320],
                    body[192:256],
                    body[256:262],
                    body[48:56]
                )
            );
    }

    function tdxMeasurement(bytes calldata body) internal pure returns (bytes32) {
        if (body.length == TD10_BYTES) return keccak256(abi.encodePacked(TDX_TAG, body[120:520], new bytes(48)));
        return keccak256(abi.encodePacked(TDX_TAG, body[120:520], body[600:648]));
    }

    function requireSgxProduction(bytes calldata body) internal pure {
        if (uint8(body[48]) & SGX_DEBUG != 0) revert DebugEnclave();
    }

    /// @dev The lowest byte of the TD attributes is the group "TD under debug".
    function requireTdxProduction(bytes calldata body) internal pure {
        if (body[120] != 0) revert DebugEnclave();
    }
}
