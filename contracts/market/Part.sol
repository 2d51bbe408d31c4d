// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IMarketPart} from "../interfaces/IMarketPart.sol";
import {MarketParameters} from "../interfaces/ISettings.sol";
import {MarketParts} from "./MarketBase.sol";

/// @notice What `IMarketPart.configuration` must be of the part with that name.
function configurationOf(
    string memory name,
    MarketParameters memory chosen,
    MarketParts memory parts
) pure returns (bytes32) {
    return keccak256(abi.encode(name, chosen, parts));
}

/// @title Code that runs in a market, and at its own address does nothing
/// @dev Requests and deposits, without which there is neither job nor money, begin with `inMarket`; so does passing on to
/// the next part. What else a part can be called for finds nothing there.
abstract contract Part is IMarketPart {
    address private immutable SELF = address(this);
    bytes32 public immutable override configuration;

    modifier inMarket() {
        _requireMarket();
        _;
    }

    constructor(string memory name, MarketParameters memory chosen, MarketParts memory parts) {
        configuration = configurationOf(name, chosen, parts);
    }

    function _requireMarket() private view {
        if (address(this) == SELF) revert CalledOutsideMarket();
    }
}
