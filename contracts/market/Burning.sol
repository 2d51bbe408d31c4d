// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Currency} from "./Currency.sol";

/// @title How stake is burnt
abstract contract Burning is Currency {
    address private constant BURN = 0x000000000000000000000000000000000000dEaD;

    /// @dev Nothing lives at that address. If the currency refuses the transfer all the same, nobody's refund must hang
    /// on that.
    function _burn(uint256 amount) internal {
        if (!_trySend(BURN, amount)) _credit(BURN, amount);
    }

    /// @notice Adds to what an account may withdraw.
    function _credit(address account, uint256 amount) internal virtual;
}
