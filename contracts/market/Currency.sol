// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";

import {ICurrency} from "../interfaces/ICurrency.sol";

/// @title The settlement currency: the chain's native coin, or one ERC-20
/// @notice Fixed at deployment; every contract of a deployment has the same.
abstract contract Currency is ICurrency {
    using SafeERC20 for IERC20;

    IERC20 private immutable CURRENCY;

    constructor(IERC20 currency_) {
        // Asking for the supply tells a wrong address now instead of at the first deposit.
        if (address(currency_) != address(0)) currency_.totalSupply();
        CURRENCY = currency_;
    }

    /// @inheritdoc ICurrency
    function currency() public view override returns (IERC20) {
        return CURRENCY;
    }

    /// @notice Takes `amount` from the caller: the value sent must be just that, or zero and the token allowed.
    /// @dev A token that takes a fee on transfers would leave the books with more than there is: it is refused.
    function _collect(uint256 amount) internal {
        uint256 sent = _valueSent();
        if (_isNative()) {
            if (sent != amount) revert ValueMismatch(sent, amount);
            return;
        }
        if (amount == 0) return;
        uint256 had = CURRENCY.balanceOf(address(this));
        CURRENCY.safeTransferFrom(msg.sender, address(this), amount);
        uint256 got = CURRENCY.balanceOf(address(this)) - had;
        if (got != amount) revert TransferShort(got, amount);
    }

    /// @notice Lets the token know of a permit of the caller. One that was used already, by whoever saw it first, does
    /// no harm: the allowance is there.
    function _usePermit(uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s) internal {
        if (_isNative()) revert PermitNotPossible();
        try IERC20Permit(address(CURRENCY)).permit(msg.sender, address(this), amount, deadline, v, r, s) {
            return;
        } catch {
            if (CURRENCY.allowance(msg.sender, address(this)) < amount) revert PermitRefused();
        }
    }

    /// @dev Not to itself: what was an account's would be nobody's.
    function _send(address to, uint256 amount) internal {
        if (to == address(this) || !_trySend(to, amount)) revert TransferFailed(to, amount);
    }

    /// @dev What a receiver returns is not copied: it could be made to cost the sender any amount of gas.
    function _trySend(address to, uint256 amount) internal returns (bool sent) {
        if (amount == 0) return true;
        return _isNative() ? LowLevelCall.callNoReturn(to, amount, "") : CURRENCY.trySafeTransfer(to, amount);
    }

    /// @notice What came with the call in the currency: no coin may come if that is a token.
    function _valueSent() internal view returns (uint256) {
        if (msg.value != 0 && !_isNative()) revert ValueMismatch(msg.value, 0);
        return msg.value;
    }

    function _isNative() internal view returns (bool) {
        return address(CURRENCY) == address(0);
    }
}
