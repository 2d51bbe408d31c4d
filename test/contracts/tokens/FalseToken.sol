// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @dev Moves what it is told until it is muted; then transfers move nothing and return false instead of reverting.
contract FalseToken is ERC20 {
    bool public muted;

    constructor() ERC20("False Dollar", "XUSD") {}

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function mute(bool muted_) external {
        muted = muted_;
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        return !muted && super.transfer(to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        return !muted && super.transferFrom(from, to, amount);
    }
}
