// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title A contract whose code runs in a market
interface IMarketPart {
    /// @notice A part has no jobs and takes no money: call the market.
    error CalledOutsideMarket();
    /// @notice The next part is another contract than is needed here, or was made with other parameters.
    error PartMismatch(address part, bytes32 had, bytes32 needed);

    /// @notice keccak256(abi.encode(name of the contract, its parameters, the contracts it works with)). Where a part is
    /// used it is compared: parts that understand a job or a balance differently do not come together. Each part has
    /// checked the next one at its own construction.
    function configuration() external view returns (bytes32);
}
