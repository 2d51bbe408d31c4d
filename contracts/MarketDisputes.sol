// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {MarketParameters} from "./interfaces/ISettings.sol";
import {Disputes} from "./market/Disputes.sol";
import {Extended} from "./market/Extended.sol";
import {MarketBase, MarketParts} from "./market/MarketBase.sol";

/// @title The part of a market that deals with claims, challenges and late jobs
/// @notice Its code runs in a market, on the market's storage and money. It holds nothing itself: whoever calls it
/// directly meets no job.
contract MarketDisputes is Disputes, Extended {
    constructor(
        MarketParameters memory chosen,
        MarketParts memory parts,
        address next
    ) MarketBase(chosen, parts) Extended(next) {}
}
