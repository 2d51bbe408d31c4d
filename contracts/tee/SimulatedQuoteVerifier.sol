// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {P256} from "@openzeppelin/contracts/utils/cryptography/P256.sol";

import {IQuoteVerifier, QuoteReport} from "../interfaces/IQuoteVerifier.sol";

/// @title SIMULATED quotes: signed by a development root key instead of hardware
/// @notice For test chains. It has the shape of the real thing and proves nothing about isolation: whoever holds the
/// development root key can enrol any enclave key with any measurement.
/// @dev A quote is 176 bytes: "ASIMQ001", measurement (32), report data (64), issued at (8, big-endian seconds), then
/// a P-256 signature r (32), s (32) over the SHA-256 of the first 112 bytes. s must be in the lower half of the order.
contract SimulatedQuoteVerifier is IQuoteVerifier {
    bytes8 private constant MAGIC = "ASIMQ001";
    uint256 private constant SIGNED_BYTES = 112;
    uint256 private constant QUOTE_BYTES = 176;
    /// @dev How far the clock of who issued a quote may be ahead.
    uint256 private constant MAX_CLOCK_SKEW = 5 minutes;

    bool public constant override isSimulated = true;
    bytes32 public immutable rootX;
    bytes32 public immutable rootY;
    /// @notice Seconds for which a quote counts as fresh.
    uint64 public immutable maxAge;

    error SimulatedRootKeyInvalid(bytes32 x, bytes32 y);
    error SimulatedQuoteLength(uint256 had, uint256 needed);
    error SimulatedQuoteMagic(bytes8 had);
    error SimulatedQuoteFromFuture(uint64 issuedAt);
    error SimulatedQuoteSignature();

    constructor(bytes32 rootX_, bytes32 rootY_, uint64 maxAge_) {
        if (!P256.isValidPublicKey(rootX_, rootY_)) revert SimulatedRootKeyInvalid(rootX_, rootY_);
        rootX = rootX_;
        rootY = rootY_;
        maxAge = maxAge_;
    }

    /// @inheritdoc IQuoteVerifier
    function verify(bytes calldata quote) external view override returns (QuoteReport memory report) {
        if (quote.length != QUOTE_BYTES) revert SimulatedQuoteLength(quote.length, QUOTE_BYTES);
        if (bytes8(quote) != MAGIC) revert SimulatedQuoteMagic(bytes8(quote));
        uint64 issuedAt = uint64(bytes8(quote[104:SIGNED_BYTES]));
        if (issuedAt > block.timestamp + MAX_CLOCK_SKEW) revert SimulatedQuoteFromFuture(issuedAt);

        bytes32 digest = sha256(quote[:SIGNED_BYTES]);
        bytes32 r = bytes32(quote[SIGNED_BYTES:144]);
        bytes32 s = bytes32(quote[144:]);
        if (!P256.verify(digest, r, s, rootX, rootY)) revert SimulatedQuoteSignature();

        report.measurement = bytes32(quote[8:40]);
        report.reportDataHigh = bytes32(quote[40:72]);
        report.reportDataLow = bytes32(quote[72:104]);
        report.validUntil = issuedAt + maxAge;
    }
}
