// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAccounts} from "../interfaces/IAccounts.sol";
import {IJobs} from "../interfaces/IJobs.sol";
import {Job} from "../types/Job.sol";
import {Standing, StandingLibrary} from "../types/Standing.sol";
import {Burning} from "./Burning.sol";
import {MarketBase} from "./MarketBase.sol";

/// @title How escrow, fees, bonds and slashed stake are divided
/// @notice Everything that is divided is credited to accounts and earnings; only burnt stake leaves at once.
abstract contract Money is MarketBase, Burning {
    uint256 private constant BASIS_POINTS = 10_000;

    /// @notice Takes `amount` from an account and counts a new job.
    function _earmark(address payer, uint256 amount, uint256 added) internal returns (uint64 nonce) {
        Account memory account = _accounts[payer];
        uint256 had = account.balance + added;
        if (had < amount) revert IAccounts.BalanceTooLow(payer, had, amount);
        nonce = account.nonce;
        _accounts[payer] = Account(uint192(had - amount), nonce + 1);
        if (added != 0) emit IAccounts.Deposited(payer, msg.sender, added);
    }

    function _take(address payer, uint256 amount) internal {
        uint256 had = _accounts[payer].balance;
        if (had < amount) revert IAccounts.BalanceTooLow(payer, had, amount);
        _accounts[payer].balance = uint192(had - amount);
    }

    function _credit(address account, uint256 amount) internal override {
        if (amount != 0) _accounts[account].balance += uint192(amount);
    }

    /// @notice The fee for acting now; the rest of the escrow goes back at once.
    function _charge(Job calldata job) internal returns (uint256 fee) {
        fee = job.feeAt(_priority(), block.timestamp);
        _credit(job.requester(), job.maxFee() - fee);
    }

    /// @notice Pays royalty and protocol fee.
    /// @return rest What the workers earn.
    function _payOthers(Job calldata job, uint256 fee) internal returns (uint256 rest, uint256 protocolFee) {
        uint256 royalty = job.royalty();
        protocolFee = _protocolFee(fee, royalty, job.feeBasisPoints());
        rest = fee - royalty - protocolFee;
        // A share is never set without a treasury, and the treasury never unset.
        if (protocolFee != 0) _credit(_treasury, protocolFee);
        if (royalty != 0) _credit(MODELS.ownerOfVersion(job.versionId), royalty);
    }

    /// @notice Pays for a job that one worker did, and lets go of the stake that it held.
    function _payWorker(
        bytes32 jobId,
        Job calldata job,
        uint24 workerId,
        uint256 fee,
        uint256 bond,
        uint80 held
    ) internal {
        (uint256 rest, uint256 protocolFee) = _payOthers(job, fee);
        _reward(workerId, rest + bond, held);
        emit IJobs.JobSettled(jobId, workerId, fee, job.royalty(), protocolFee);
    }

    /// @notice Adds to what a worker earned for something that it did well, and lets go of the stake that it held.
    function _reward(uint24 workerId, uint256 amount, uint256 held) internal {
        uint256 packed = _standings[workerId];
        if (StandingLibrary.earnedIn(packed) + amount > type(uint96).max) {
            // Only a currency with a very large supply gets here.
            _credit(WORKERS.operatorOf(workerId), StandingLibrary.earnedIn(packed) + amount);
            packed = StandingLibrary.withoutEarnings(packed);
            amount = 0;
        }
        _standings[workerId] = StandingLibrary.reward(packed, amount, held);
    }

    /// @notice Lets go of stake without reward.
    function _release(uint24 workerId) internal {
        Standing memory standing = _standing(workerId);
        standing.bound -= JOB_STAKE;
        _keepStanding(workerId, standing);
    }

    /// @notice Binds the stake for one job, of `free` that nothing but the market holds.
    function _hold(uint24 workerId, uint256 free) internal {
        uint256 packed = _standings[workerId];
        uint256 needed = StandingLibrary.boundIn(packed) + JOB_STAKE;
        // No more than the worker's stake, so it fits.
        if (free < needed) revert IJobs.StakeMissing(workerId, free, needed);
        _standings[workerId] = StandingLibrary.bindMore(packed, JOB_STAKE);
    }

    /// @notice Takes the stake that a worker bound.
    function _slash(uint24 workerId) internal returns (uint256 taken) {
        Standing memory standing = _standing(workerId);
        standing.bound -= JOB_STAKE;
        standing.countSlash();
        _keepStanding(workerId, standing);
        taken = WORKERS.slash(workerId, JOB_STAKE);
    }

    /// @notice Half of slashed stake goes to the requester, or half of that to a challenger; the rest is burnt, with
    /// what rounding leaves. So disputing with oneself always costs.
    function _share(uint256 taken, address requester, address challenger) internal {
        uint256 share = challenger == address(0) ? taken / 2 : taken / 4;
        _credit(requester, share);
        if (challenger != address(0)) _credit(challenger, share);
        _burn(taken - (challenger == address(0) ? share : 2 * share));
    }

    function _keepStanding(uint24 workerId, Standing memory standing) internal {
        _standings[workerId] = standing.pack();
    }

    function _standing(uint24 workerId) internal view returns (Standing memory) {
        return StandingLibrary.unpack(_standings[workerId]);
    }

    /// @notice The protocol's part of a fee, rounded down; it never touches the royalty.
    function _protocolFee(uint256 fee, uint256 royalty, uint256 basisPoints) internal pure returns (uint256) {
        uint256 share = (fee * basisPoints) / BASIS_POINTS;
        return share < fee - royalty ? share : fee - royalty;
    }
}
