// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {EnclaveIdentity} from "../tee/dcap/EnclaveIdentity.sol";
import {TcbInfoText} from "../tee/dcap/TcbInfo.sol";

/// @title Reads collateral as Intel writes it
/// @notice Signatures and dates are not its concern.
interface ICollateralReader {
    /// @notice The value of "tcbInfo", version 3.
    function tcbInfo(bytes calldata text) external pure returns (TcbInfoText memory);

    /// @notice The value of "enclaveIdentity", version 2.
    /// @return id Keccak-256 of the name of the enclave: "QE" or "TD_QE".
    function identity(bytes calldata text) external pure returns (bytes32 id, EnclaveIdentity memory);
}
