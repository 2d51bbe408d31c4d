// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice Where the parts of a quote are.
struct QuoteLayout {
    uint16 version;
    bool isTdx;
    /// Header and body are signed up to here by the attestation key.
    uint256 bodyEnd;
    uint256 body;
    /// The signature; then the attestation key.
    uint256 signature;
    /// The report of the quoting enclave and its signature.
    uint256 qeReport;
    uint256 authData;
    uint256 authDataEnd;
    uint256 chain;
    uint256 chainEnd;
}

/// @title The layout of SGX and TDX quotes, versions 3, 4 and 5, with ECDSA on P-256
/// @dev Header (48), in version 5 type and size of the body (6), body, length of the rest (4), signature (64), key (64),
/// from version 4 on a frame of type and length (6), report of the quoting enclave (384), its signature (64), auth data
/// with length (2), type and length (6) of the certification data, PEM. Numbers are little-endian. All lengths must
/// agree; only zeros may follow.
library Quotes {
    uint256 internal constant HEADER = 48;
    uint256 internal constant SGX_BODY = 384;
    uint256 internal constant TD10_BODY = 584;
    uint256 internal constant TD15_BODY = 648;
    /// @dev Real ones have about 5,000, some filled up to 8,000.
    uint256 internal constant MAX_BYTES = 16_384;

    uint256 private constant ECDSA_P256 = 2;
    uint256 private constant SGX = 0x00;
    uint256 private constant TDX = 0x81;
    /// @dev Certification data: the PCK chain, and the report of the quoting enclave with certification data.
    uint256 private constant PCK_CHAIN = 5;
    uint256 private constant QE_REPORT = 6;
    bytes16 private constant INTEL_QE_VENDOR = hex"939a7233f79c4ca9940a0db3957f0607";

    error QuoteLength(uint256 had, uint256 needed);
    error QuoteTooLong(uint256 had, uint256 max);
    error QuoteVersion(uint256 had);
    error QuoteKeyType(uint256 had);
    error QuoteTeeType(uint256 had);
    error QuoteBody(uint256 kind, uint256 size);
    error QuoteVendor(bytes16 had);
    error QuoteCertificationData(uint256 kind);
    error QuotePadding(uint256 pos);

    function read(bytes calldata quote) internal pure returns (QuoteLayout memory parts) {
        if (quote.length > MAX_BYTES) revert QuoteTooLong(quote.length, MAX_BYTES);
        _requireBytes(quote, HEADER + 6);
        parts.version = uint16(_number(quote, 0, 2));
        if (parts.version < 3 || parts.version > 5) revert QuoteVersion(parts.version);
        uint256 keyType = _number(quote, 2, 2);
        if (keyType != ECDSA_P256) revert QuoteKeyType(keyType);
        uint256 teeType = _number(quote, 4, 4);
        parts.isTdx = teeType == TDX && parts.version > 3;
        if (!parts.isTdx && teeType != SGX) revert QuoteTeeType(teeType);
        bytes16 vendor = bytes16(quote[12:28]);
        if (vendor != INTEL_QE_VENDOR) revert QuoteVendor(vendor);

        (parts.body, parts.bodyEnd) = _body(quote, parts.version, parts.isTdx);
        _signatureData(quote, parts);
    }

    function _body(bytes calldata quote, uint16 version, bool isTdx) private pure returns (uint256 from, uint256 to) {
        if (version < 5) return (HEADER, HEADER + (isTdx ? TD10_BODY : SGX_BODY));
        uint256 kind = _number(quote, HEADER, 2);
        uint256 size = _number(quote, HEADER + 2, 4);
        uint256 needed =
            !isTdx && kind == 1
                ? SGX_BODY
                : isTdx && kind == 2
                    ? TD10_BODY
                    : isTdx && kind == 3
                        ? TD15_BODY
                        : 0;
        if (needed == 0 || size != needed) revert QuoteBody(kind, size);
        return (HEADER + 6, HEADER + 6 + needed);
    }

    function _signatureData(bytes calldata quote, QuoteLayout memory parts) private pure {
        uint256 pos = parts.bodyEnd + 4;
        _requireBytes(quote, pos);
        uint256 end = pos + _number(quote, parts.bodyEnd, 4);
        _requireBytes(quote, end);
        _requireZeros(quote, end);

        parts.signature = pos;
        pos += 128;
        if (parts.version > 3) pos = _certificationData(quote, pos, end, QE_REPORT);
        parts.qeReport = pos;
        pos += SGX_BODY + 64;
        _requireWithin(pos + 2, end);
        parts.authData = pos + 2;
        parts.authDataEnd = pos + 2 + _number(quote, pos, 2);
        parts.chain = _certificationData(quote, parts.authDataEnd, end, PCK_CHAIN);
        parts.chainEnd = end;
    }

    /// @dev Type and length of what must reach to the end.
    function _certificationData(
        bytes calldata quote,
        uint256 pos,
        uint256 end,
        uint256 needed
    ) private pure returns (uint256 from) {
        from = pos + 6;
        _requireWithin(from, end);
        uint256 kind = _number(quote, pos, 2);
        if (kind != needed) revert QuoteCertificationData(kind);
        uint256 last = from + _number(quote, pos + 2, 4);
        if (last != end) revert QuoteLength(end, last);
    }

    /// @dev Some drivers fill the buffer of a quote up with zeros.
    function _requireZeros(bytes calldata quote, uint256 from) private pure {
        for (uint256 pos = from; pos < quote.length; pos += 32) if (bytes32(quote[pos:]) != 0) revert QuotePadding(pos);
    }

    function _requireBytes(bytes calldata quote, uint256 needed) private pure {
        if (quote.length < needed) revert QuoteLength(quote.length, needed);
    }

    function _requireWithin(uint256 needed, uint256 end) private pure {
        if (needed > end) revert QuoteLength(end, needed);
    }

    function _number(bytes calldata quote, uint256 pos, uint256 count) private pure returns (uint256 value) {
        for (uint256 i = count; i > 0; --i) value = (value << 8) | uint8(quote[pos + i - 1]);
    }
}
