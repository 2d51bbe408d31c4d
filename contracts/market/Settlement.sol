// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IModelRegistry} from "../interfaces/IModelRegistry.sol";
import {IWorkerRegistry} from "../interfaces/IWorkerRegistry.sol";
import {Job} from "../types/Job.sol";
import {Accounts} from "./Accounts.sol";
import {Settings} from "./Settings.sol";

/// @title How escrow, bonds and slashed stake are divided
abstract contract Settlement is Accounts, Settings {
    /// @notice Where burnt stake goes.
    address private constant BURN = 0x000000000000000000000000000000000000dEaD;

    IModelRegistry internal immutable MODELS;
    IWorkerRegistry internal immutable WORKERS;

    constructor(IModelRegistry models, IWorkerRegistry workers) {
        MODELS = models;
        WORKERS = workers;
    }

    /// @notice Slashed stake comes from the registry of workers, and nothing else comes this way.
    receive() external payable {
        if (msg.sender != address(WORKERS)) revert TransferUnexpected(msg.sender, msg.value);
    }

    /// @notice The fee for acting now; the rest of the escrow goes back at once.
    function _charge(Job calldata job) internal returns (uint256 fee) {
        fee = job.feeAt(PRIORITY_WINDOW, block.timestamp);
        _credit(job.requester, job.maxFee - fee);
    }

    /// @notice Divides the fee: royalty, protocol fee, and the rest with `bond` to the worker's operator.
    function _pay(
        bytes32 jobId,
        Job calldata job,
        uint24 workerId,
        address operator,
        uint256 fee,
        uint256 bond
    ) internal {
        uint256 royalty = job.royalty;
        uint256 protocolFee = _protocolFee(fee, royalty);

        _credit(operator, fee - royalty - protocolFee + bond);
        if (royalty != 0) _credit(MODELS.ownerOfVersion(job.versionId), royalty);
        if (protocolFee != 0) _credit(treasury, protocolFee);
        emit JobSettled(jobId, workerId, fee, royalty, protocolFee);
    }

    /// @notice Gives `escrow` back and slashes the worker: half goes to the requester and half is burnt. With a
    /// challenger both get a quarter, the challenger its bond besides, and half is burnt. The burn gets the rounding.
    function _refundAndSlash(
        bytes32 jobId,
        Job calldata job,
        uint24 workerId,
        uint256 escrow,
        address challenger
    ) internal {
        uint256 taken = WORKERS.slash(workerId, JOB_STAKE);
        uint256 share = challenger == address(0) ? taken / 2 : taken / 4;
        uint256 given = share;

        _credit(job.requester, escrow + share);
        if (challenger != address(0)) {
            _credit(challenger, CHALLENGE_BOND + share);
            given += share;
        }
        emit JobRefunded(jobId, workerId, escrow, taken);
        _burn(taken - given);
    }

    function _burn(uint256 amount) private {
        // Nothing lives at that address. If a chain refuses the transfer all the same, the refund must not hang on it.
        (bool sent, ) = BURN.call{value: amount}("");
        if (!sent) _credit(BURN, amount);
    }
}
