// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Books} from "./Books.sol";
import {CHEATS} from "./Cheats.sol";

/// @dev How everybody leaves.
abstract contract Leaving is Books {
    /// @dev After all deadlines anybody ends every job, anchor and channel, and everybody takes all that it owns.
    function leaveAll() external step(0) {
        for (uint256 i = 0; i < 3; ++i) _leaveJobs();
        require(_open.length == 0, "a job has no exit");
        for (uint256 i = 0; i < _receipts.length; ++i) _endAnchor(i, _receipts[i]);
        _leaveChannels();
        for (uint256 i = 0; i < _accounts.length; ++i) {
            require(_withdraw(_accounts[i], market.balanceOf(_accounts[i])), "an account cannot be emptied");
        }
        for (uint256 i = 0; i < _keys.length; ++i) _leaveWorker(i);
        _pass(UNBONDING_DELAY, 1);
        for (uint256 i = 0; i < _keys.length; ++i) _withdrawStake(i);

        require(_wallet(address(market)) == 0, "money is left in the market");
        require(_wallet(address(workers)) == 0, "stake is left");
        require(_wallet(address(anchors)) == 0, "money is left with the anchors");
        require(_wallet(address(channels)) == 0, "money is left in channels");
    }

    function openJobs() external view returns (uint256) {
        return _open.length;
    }

    /// @dev One phase at most has to pass in each round of this.
    function _leaveJobs() private {
        _pass(30 days, 1000);
        for (uint256 i = 0; i < _open.length; ++i) _end(_entries[_open[i]]);
        _observe();
        CHEATS.recordLogs();
    }

    function _leaveWorker(uint256 index) private {
        _withdrawEarnings(index);
        uint80 stake = workers.workerOf(uint24(index + 1)).stake;
        require(market.standingOf(uint24(index + 1)).bound == 0, "stake is bound for ever");
        require(workers.workerOf(uint24(index + 1)).reserved == 0, "stake is reserved for ever");
        CHEATS.prank(_operators[index]);
        try workers.startUnbonding(uint24(index + 1), stake) {} catch {
            require(stake == 0, "stake cannot leave");
        }
    }

    function _leaveChannels() private {
        for (uint256 i = 0; i < _channels.length; ++i) {
            CHEATS.prank(_channels[i].payer);
            try channels.startClosing(_channels[i]) {} catch {}
        }
        _pass(2 hours, 1);
        for (uint256 i = 0; i < _channels.length; ++i) try channels.finish(_channels[i]) {} catch {}
        for (uint256 i = 0; i < _wallets.length; ++i) {
            uint256 balance = channels.balanceOf(_wallets[i]);
            CHEATS.prank(_wallets[i]);
            channels.withdraw(balance, _wallets[i]);
            balance = anchors.balanceOf(_wallets[i]);
            CHEATS.prank(_wallets[i]);
            anchors.withdraw(balance, _wallets[i]);
        }
    }
}
