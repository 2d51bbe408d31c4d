// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IMarketPart} from "./interfaces/IMarketPart.sol";
import {MarketParameters} from "./interfaces/ISettings.sol";
import {Disputes} from "./market/Disputes.sol";
import {Extended} from "./market/Extended.sol";
import {MarketBase, MarketParts} from "./market/MarketBase.sol";
import {Part} from "./market/Part.sol";

/// @title The part of a market that deals with claims, challenges and late jobs
/// @notice Its code runs in a market, on the market's storage and money. It holds nothing itself: whoever calls it
/// directly meets no job.
contract MarketDisputes is Disputes, Extended, Part {
    constructor(
        MarketParameters memory chosen,
        MarketParts memory parts,
        IMarketPart next
    ) MarketBase(chosen, parts) Part("MarketDisputes", chosen, parts) Extended(next, "MarketRounds", chosen, parts) {}

    // What the next part does is only for the market.
    fallback() external payable override inMarket {
        _extend();
    }
}
