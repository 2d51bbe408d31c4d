// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IMarketPart} from "./interfaces/IMarketPart.sol";
import {MarketParameters} from "./interfaces/ISettings.sol";
import {Copies} from "./market/Copies.sol";
import {Extended} from "./market/Extended.sol";
import {MarketBase, MarketParts} from "./market/MarketBase.sol";
import {Panels} from "./market/Panels.sol";
import {Part} from "./market/Part.sol";

/// @title The part of a market in which several workers answer: copies of a job, and panels
/// @notice Its code runs in a market, on the market's storage and money.
contract MarketRounds is Copies, Panels, Extended, Part {
    constructor(
        MarketParameters memory chosen,
        MarketParts memory parts,
        IMarketPart next
    ) MarketBase(chosen, parts) Part("MarketRounds", chosen, parts) Extended(next, "MarketAccounts", chosen, parts) {}

    // What the next part does is only for the market.
    fallback() external payable override inMarket {
        _extend();
    }
}
