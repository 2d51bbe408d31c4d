// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IMarketPart} from "./interfaces/IMarketPart.sol";
import {MarketParameters} from "./interfaces/ISettings.sol";
import {Accounts} from "./market/Accounts.sol";
import {Extended} from "./market/Extended.sol";
import {JobViews} from "./market/JobViews.sol";
import {MarketBase, MarketParts} from "./market/MarketBase.sol";
import {Part} from "./market/Part.sol";
import {Settings} from "./market/Settings.sol";
import {SignedRequests} from "./market/SignedRequests.sol";

/// @title The part of a market that deals with accounts, signed requests, settings and what is seldom asked
/// @notice Its code runs in a market, on the market's storage and money.
contract MarketAccounts is Accounts, SignedRequests, Settings, JobViews, Extended {
    constructor(
        MarketParameters memory chosen,
        MarketParts memory parts,
        IMarketPart next
    ) MarketBase(chosen, parts) Part("MarketAccounts", chosen, parts) Extended(next, "MarketDisputes", chosen, parts) {}

    // What the next part does is only for the market.
    fallback() external payable override inMarket {
        _extend();
    }
}
