// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAccounts} from "./IAccounts.sol";
import {IDisputes} from "./IDisputes.sol";
import {IJobs, IJobViews} from "./IJobs.sol";
import {IRounds} from "./IRounds.sol";
import {ISettings} from "./ISettings.sol";
import {ISignedRequests} from "./ISignedRequests.sol";

/// @title The market
/// @notice All that can be called at a market's address. What is called often is in `InferenceMarket` itself, the rest
/// in `MarketDisputes`, `MarketRounds` and `MarketAccounts`, which work on the market's storage.
// solhint-disable-next-line no-empty-blocks
interface IInferenceMarket is IJobs, IJobViews, IDisputes, IRounds, IAccounts, ISignedRequests, ISettings {}
