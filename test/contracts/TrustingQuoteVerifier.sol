// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IQuoteVerifier, QuoteReport, QuoteStanding} from "../../contracts/interfaces/IQuoteVerifier.sol";

/// @dev FOR TESTS ONLY: believes everything. A quote is the encoded report itself, and the standing is what was set.
contract TrustingQuoteVerifier is IQuoteVerifier {
    bytes32 public constant override kind = "trusting";
    bool public constant override isSimulated = true;

    mapping(bytes32 quoteHash => QuoteStanding) private _standings;
    bool private _isLost;

    error StandingUnknown();

    function setStanding(bytes calldata quote, QuoteStanding standing) external {
        _standings[keccak256(quote)] = standing;
    }

    /// @dev From now on it cannot tell what has become of a quote.
    function lose() external {
        _isLost = true;
    }

    function standingOf(bytes calldata quote) external view override returns (QuoteStanding) {
        if (_isLost) revert StandingUnknown();
        return _standings[keccak256(quote)];
    }

    function verify(bytes calldata quote) external pure override returns (QuoteReport memory) {
        return abi.decode(quote, (QuoteReport));
    }
}
