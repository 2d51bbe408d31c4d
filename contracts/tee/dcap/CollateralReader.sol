// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ICollateralReader} from "../../interfaces/ICollateralReader.sol";
import {EnclaveIdentities, EnclaveIdentity} from "./EnclaveIdentity.sol";
import {TcbInfos, TcbInfoText} from "./TcbInfo.sol";

/// @title The reading of collateral, apart from the registry because both do not fit into one contract
contract CollateralReader is ICollateralReader {
    /// @inheritdoc ICollateralReader
    function tcbInfo(bytes calldata text) external pure override returns (TcbInfoText memory) {
        return TcbInfos.parse(text);
    }

    /// @inheritdoc ICollateralReader
    function identity(bytes calldata text) external pure override returns (bytes32 id, EnclaveIdentity memory) {
        return EnclaveIdentities.parse(text);
    }
}
