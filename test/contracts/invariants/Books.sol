// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IBalances} from "../../../contracts/interfaces/IBalances.sol";
import {ChannelStatus} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {Anchor, AnchorState} from "../../../contracts/interfaces/IReceiptAnchors.sol";
import {Worker} from "../../../contracts/interfaces/IWorkerRegistry.sol";
import {JobState} from "../../../contracts/types/JobStatus.sol";
import {Round, SeatState} from "../../../contracts/types/Round.sol";
import {Standing} from "../../../contracts/types/Standing.sol";
import {DisputeSteps} from "./DisputeSteps.sol";
import {MoneySteps} from "./MoneySteps.sol";
import {RequestSteps} from "./RequestSteps.sol";
import {SideSteps} from "./SideSteps.sol";
import {WorkerSteps} from "./WorkerSteps.sol";

/// @dev What must hold after every step.
abstract contract Books is WorkerSteps, MoneySteps, RequestSteps, DisputeSteps, SideSteps {
    /// @dev Rounding of one slash in three shares.
    uint256 private constant CRUMBS = 4;

    /// @dev Every contract has just what it owes, and there is no more and no less money than there was.
    function checkSolvency() external view {
        uint256 owed = 0;
        for (uint256 i = 0; i < _accounts.length; ++i) owed += market.balanceOf(_accounts[i]);
        for (uint24 id = 1; id <= _keys.length; ++id) owed += market.standingOf(id).earned;
        for (uint256 i = 0; i < _open.length; ++i) owed += _escrow(_entries[_open[i]]);
        require(_wallet(address(market)) == owed, "the market has not what it owes");

        uint256 staked = 0;
        for (uint24 id = 1; id <= _keys.length; ++id) {
            staked += workers.workerOf(id).stake + workers.workerOf(id).unbonding;
        }
        require(_wallet(address(workers)) == staked, "stake is missing, or nobody's");
        require(_stakedIn == staked + _stakedOut + _slashed() + _anchorsSlashed(), "stake was lost or made");

        require(_wallet(address(anchors)) == _balances(anchors) + _receiptBonds(), "anchors have not what they owe");
        uint256 inChannels = _balances(channels);
        for (uint256 i = 0; i < _channels.length; ++i) {
            ChannelStatus memory status = channels.statusOf(channels.channelIdOf(_channels[i]));
            inChannels += status.deposit - status.collected;
        }
        require(_wallet(address(channels)) == inChannels, "channels have not what they owe");

        uint256 all = 0;
        for (uint256 i = 0; i < _wallets.length; ++i) all += _wallet(_wallets[i]);
        all += _wallet(address(market)) + _wallet(address(workers));
        require(all + _wallet(address(anchors)) + _wallet(address(channels)) == _supply, "money was lost or made");
    }

    /// @dev Each open duty binds the same stake, which is there.
    function checkStake() external view {
        uint256[] memory bound = new uint256[](_keys.length + 1);
        uint256[] memory reserved = new uint256[](_keys.length + 1);
        for (uint256 i = 0; i < _receipts.length; ++i) {
            Anchor memory anchored = anchors.anchorOf(i + 1);
            if (anchored.state == AnchorState.Open) reserved[anchored.workerId] += ANCHOR_STAKE;
        }
        for (uint256 i = 0; i < _open.length; ++i) _addBound(_entries[_open[i]], bound);
        for (uint24 id = 1; id <= _keys.length; ++id) {
            Standing memory standing = market.standingOf(id);
            require(standing.bound == bound[id], "bound stake is not that of the open duties");
            Worker memory worker = workers.workerOf(id);
            require(worker.reserved == reserved[id], "reserved stake is not that of the open anchors");
            require(
                uint256(worker.stake) + worker.unbonding >= standing.bound + reserved[id],
                "bound stake is not there any more"
            );
        }
    }

    /// @dev Everybody has what the ledger says: nobody pays for what it did not get, nobody gets what others should.
    function checkShares() external view {
        // Of each slash a quarter or half goes to the requester, and at least a quarter is burnt.
        uint256 slashed = _slashed();
        uint256 crumbs = CRUMBS * (slashed / JOB_STAKE);
        uint256 shares = 0;
        for (uint256 i = 0; i < REQUESTERS + CONSUMERS; ++i) {
            uint256 has = market.balanceOf(_accounts[i]) + _out[_accounts[i]] + _spent[_accounts[i]];
            for (uint256 j = 0; j < _open.length; ++j) has += _escrowOf(_entries[_open[j]], _accounts[i]);
            require(has >= _in[_accounts[i]], "a requester paid for what it did not get");
            shares += has - _in[_accounts[i]];
        }
        require(shares + crumbs >= slashed / 4 && shares <= slashed / 2, "requesters' shares of slashed stake");

        uint256 bonds = _bondsLost;
        for (uint256 i = 0; i < _open.length; ++i) {
            Entry storage entry = _entries[_open[i]];
            if (entry.state == JobState.Challenged && entry.challenger != address(0)) bonds += BOND;
        }
        uint256 challengers = bonds;
        uint256 paidIn = 0;
        for (uint256 i = 0; i < CHALLENGERS; ++i) {
            address challenger = _accounts[REQUESTERS + CONSUMERS + i];
            challengers += market.balanceOf(challenger) + _out[challenger];
            paidIn += _in[challenger];
        }
        require(challengers >= paidIn && challengers - paidIn <= slashed / 4, "challengers' shares");

        uint256 earned = _earningsOut;
        for (uint24 id = 1; id <= _keys.length; ++id) {
            address operator = _operators[id - 1];
            earned += market.standingOf(id).earned + market.balanceOf(operator) + _out[operator];
        }
        uint256 due = _workersFees + _bondsLost;
        // A quarter of a slash for who shows evidence, or for a panel.
        require(earned >= due && earned - due <= slashed / 4, "workers' earnings");

        require(market.balanceOf(TREASURY) + _out[TREASURY] == _protocolFees, "the protocol's fees");
        require(market.balanceOf(MODEL_OWNER) + _out[MODEL_OWNER] == _royalties, "the royalties");
        require(market.balanceOf(RELAYER) + _out[RELAYER] == _relayFees, "the relayer's fees");
        require(market.balanceOf(SPENDER) + market.balanceOf(BURN) == 0, "who should have nothing");
        uint256 burnt = _wallet(BURN);
        uint256 leastBurnt = slashed / 4 + _anchorsSlashed() / 2;
        uint256 mostBurnt = slashed / 2 + (3 * _anchorsSlashed()) / 4;
        uint256 crumbsOfAnchors = CRUMBS * (_anchorsSlashed() / ANCHOR_STAKE);
        require(burnt + crumbs >= leastBurnt && burnt <= mostBurnt + crumbs + crumbsOfAnchors, "burnt stake");
    }

    /// @dev What is final stays as it is.
    function checkEnds() external view {
        for (uint256 i = 1; i < _entries.length; ++i) {
            if (_entries[i].state < JobState.Settled) continue;
            require(market.statusOf(_entries[i].id).state == _entries[i].state, "an ended job came back");
        }
    }

    function _slashed() internal view returns (uint256 sum) {
        for (uint24 id = 1; id <= _keys.length; ++id) sum += uint256(market.standingOf(id).slashed) * JOB_STAKE;
    }

    function _anchorsSlashed() private view returns (uint256 sum) {
        for (uint256 i = 0; i < _receipts.length; ++i) {
            if (anchors.anchorOf(i + 1).state == AnchorState.Slashed) sum += ANCHOR_STAKE;
        }
    }

    function _receiptBonds() private view returns (uint256 sum) {
        for (uint256 i = 0; i < _receipts.length; ++i) sum += BOND * anchors.anchorOf(i + 1).openChallenges;
    }

    function _balances(IBalances balances) private view returns (uint256 sum) {
        for (uint256 i = 0; i < _wallets.length; ++i) sum += balances.balanceOf(_wallets[i]);
    }

    function _escrowOf(Entry storage entry, address requester) private view returns (uint256) {
        if (entry.terms.requester != requester) return 0;
        return entry.feeIsFixed ? entry.fee : entry.terms.maxFee;
    }

    /// @dev Of an open job, the bond included.
    function _escrow(Entry storage entry) private view returns (uint256) {
        uint256 fee = entry.feeIsFixed ? entry.fee : entry.terms.maxFee;
        return entry.state == JobState.Challenged && entry.challenger != address(0) ? fee + BOND : fee;
    }

    function _addBound(Entry storage entry, uint256[] memory bound) private view {
        if (entry.state == JobState.Requested) return;
        if (entry.terms.copies == 1) bound[entry.workerId] += JOB_STAKE;
        else _addSeats(entry.id, bound);
        if (entry.hasPanel) _addSeats(market.panelIdOf(entry.id), bound);
    }

    function _addSeats(bytes32 roundId, uint256[] memory bound) private view {
        Round memory round = market.roundOf(roundId);
        for (uint256 i = 0; i < round.commits; ++i) {
            if (market.seatOf(roundId, i).state <= SeatState.Revealed) {
                bound[market.seatOf(roundId, i).workerId] += JOB_STAKE;
            }
        }
    }
}
