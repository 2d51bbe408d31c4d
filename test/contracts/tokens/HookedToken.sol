// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";

/// @dev An ERC-20 that makes a call of anyone's choice in the middle of the next transfer, as ERC-777's hooks do.
contract HookedToken is ERC20 {
    address private _target;
    bytes private _call;

    constructor() ERC20("Hooked Token", "HOOK") {}

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function setHook(address target, bytes calldata call) external {
        (_target, _call) = (target, call);
    }

    function _update(address from, address to, uint256 amount) internal override {
        address target = _target;
        delete _target;
        if (target != address(0)) Address.functionCall(target, _call);
        super._update(from, to, amount);
    }
}
