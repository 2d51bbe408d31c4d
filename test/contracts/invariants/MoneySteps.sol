// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAccounts} from "../../../contracts/interfaces/IAccounts.sol";
import {MoodyConsumer} from "../MoodyConsumer.sol";
import {CHEATS} from "./Cheats.sol";
import {Walk} from "./Walk.sol";

/// @dev Money into accounts and out of them, what the administrator may set, time, and the moods of consumers.
abstract contract MoneySteps is Walk {
    function deposit(uint256 seed) external step(seed) {
        seed = _mix(seed);
        uint256 who = seed % (REQUESTERS + CONSUMERS + CHALLENGERS);
        _deposit(_accounts[who], (seed >> 8) % 5 ether);
    }

    function withdraw(uint256 seed) external step(seed) {
        seed = _mix(seed);
        address account = _accounts[seed % _accounts.length];
        uint256 had = market.balanceOf(account);
        // A little more than there is must be refused.
        uint256 amount =
            seed % 16 == 0
                ? had + 1
                : (seed >> 8) % 4 == 0
                    ? had
                    : (seed >> 16) % (had + 1);
        bool done = _withdraw(account, amount);
        require(done == (amount <= had), "withdrawn what is not there, or not what is");
    }

    function allow(uint256 seed) external step(seed) {
        seed = _mix(seed);
        CHEATS.prank(_accounts[seed % REQUESTERS]);
        market.allowConsumer(SPENDER, seed % 8 == 0 ? type(uint256).max : (seed >> 8) % 3 ether);
    }

    function setProtocolFee(uint256 seed) external step(seed) {
        seed = _mix(seed);
        market.setProtocolFee(uint16(seed % 501), TREASURY);
    }

    function pause(uint256 seed) external step(seed) {
        market.setPaused(_mix(seed) % 8 == 0);
    }

    function changeMood(uint256 seed) external step(seed) {
        seed = _mix(seed);
        MoodyConsumer consumer = _consumers[seed % CONSUMERS];
        bytes memory reEntry = abi.encodeCall(IAccounts.withdraw, (1, payable(address(consumer))));
        // Half of them do as they should.
        consumer.setMood(MoodyConsumer.Mood((seed >> 8) % 2 == 0 ? 0 : (seed >> 16) % 8), reEntry);
    }

    function wait(uint256 seed) external step(seed) {
        seed = _mix(seed);
        uint256 kind = (seed >> 8) % 16;
        // Past a priority window, or a reveal window, or a challenge window, seldom past everything.
        uint256 most =
            kind < 8
                ? 90
                : kind < 13
                    ? 200
                    : kind < 15 || seed % 4 != 0
                        ? 700
                        : 2 days;
        uint256 seconds_ = (seed >> 16) % most;
        _pass(seconds_, seconds_ / 12);
    }

    function _withdraw(address account, uint256 amount) internal returns (bool done) {
        if (account.code.length != 0) {
            uint256 had = _wallet(MODEL_OWNER);
            CHEATS.prank(MODEL_OWNER);
            try MoodyConsumer(payable(account)).collect(amount) {
                done = true;
            } catch {}
            require(_wallet(MODEL_OWNER) == had + (done ? amount : 0), "money did not arrive");
        } else {
            uint256 had = _wallet(account);
            CHEATS.prank(account);
            try market.withdraw(amount, payable(account)) {
                done = true;
            } catch {}
            require(_wallet(account) == had + (done ? amount : 0), "money did not arrive");
        }
        if (done) _out[account] += amount;
    }
}
