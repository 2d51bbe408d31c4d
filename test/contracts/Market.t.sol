// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {MarketActions} from "./MarketActions.sol";

/// @dev Whatever anyone does in whatever order, the money adds up.
contract MarketTest {
    MarketActions private _actions;

    function setUp() public {
        _actions = new MarketActions();
    }

    /// @dev A walk that mostly takes sensible steps, so that it gets deep; then everybody leaves.
    function testFuzz_EveryJobHasAnExitAndEveryAccountIsPaidOut(uint256 seed) public {
        for (uint256 i = 0; i < 40; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            _step(seed % 12, seed >> 8);
            _checkMoney();
        }
        _actions.leaveAll();
        require(address(_actions.market()).balance == 0, "money is left over");
        require(_actions.owed() == 0, "something is still owed");
    }

    /// @dev The walk above means something only if it gets to every kind of end.
    function test_TheWalkReachesSettlementsAndRefunds() public {
        uint256 seed = 1;
        for (uint256 i = 0; i < 400; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            _step(seed % 12, seed >> 8);
        }
        require(_actions.jobCount() > 20, "hardly any jobs");
        require(_actions.settled() > 5, "hardly any settlements");
        require(_actions.refunded() > 5, "hardly any refunds");
    }

    function _checkMoney() private view {
        require(address(_actions.market()).balance == _actions.owed(), "the market's balance is not what it owes");
        require(address(_actions.workers()).balance == _actions.staked(), "stake is missing");
        (uint256 needed, uint256 had) = _actions.bound();
        require(needed == had, "bound stake is not that of the open jobs");
    }

    function _step(uint256 kind, uint256 seed) private {
        uint256 which = seed >> 64;
        uint256 who = seed >> 128;
        if (kind < 2) {
            _actions.request(who, uint96(seed), uint96(which), uint32(who), uint32(seed), seed % 2 == 0);
        } else if (kind < 5) _actions.execute(which, who);
        else if (kind == 5) _actions.claim(which, who);
        else if (kind == 6) _actions.fulfill(which, who);
        else if (kind == 7) _actions.challenge(which);
        else if (kind == 8) _actions.end(which);
        else if (kind == 9) _actions.withdraw(who, seed);
        else if (kind == 10) _actions.pass(uint16(seed % 1500));
        else if (seed % 4 == 0) _actions.setProtocolFee(uint16(seed));
        else if (seed % 4 == 1) _actions.serve(who, uint8(which));
        else _actions.pass(uint16(seed % 40));
    }
}
