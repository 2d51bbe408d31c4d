// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {MarketParameters} from "./interfaces/ISettings.sol";
import {Copies} from "./market/Copies.sol";
import {MarketBase, MarketParts} from "./market/MarketBase.sol";
import {Panels} from "./market/Panels.sol";
import {Part} from "./market/Part.sol";

/// @title The part of a market in which several workers answer: copies of a job, and panels
/// @notice Its code runs in a market, on the market's storage and money.
contract MarketRounds is Copies, Panels, Part {
    constructor(
        MarketParameters memory chosen,
        MarketParts memory parts
    ) MarketBase(chosen, parts) Part("MarketRounds", chosen, parts) {}
}
