// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Request} from "../types/Job.sol";
import {Standing} from "../types/Standing.sol";
import {ICurrency} from "./ICurrency.sol";
import {IStakeHolder} from "./IStakeHolder.sol";

/// @title Prepaid balances, allowances, and what workers earned
/// @notice Money comes in by deposits and goes out by withdrawals of its owner, and nowhere else.
interface IAccounts is ICurrency, IStakeHolder {
    event Deposited(address indexed account, address indexed from, uint256 amount);
    event Withdrawn(address indexed account, address to, uint256 amount);
    event ConsumerAllowed(address indexed account, address indexed consumer, uint256 amount);
    event EarningsWithdrawn(uint24 indexed workerId, address to, uint256 amount);
    /// @notice Let too many turns pass: not drawn until `returnToDraws`.
    event WorkerSuspended(uint24 indexed workerId);
    event WorkerReturned(uint24 indexed workerId);

    error BalanceTooLow(address account, uint256 had, uint256 needed);
    error AllowanceTooLow(address account, address consumer, uint256 had, uint256 needed);
    /// @notice Coins come only from the registry of workers this way; to pay in, deposit.
    error TransferUnexpected(address from, uint256 amount);
    error NotWorkersOperator(uint24 workerId, address caller);
    error NotSuspended(uint24 workerId);

    /// @notice Adds `amount` to an account's prepaid balance.
    function deposit(address account, uint256 amount) external payable;

    /// @notice The same with an ERC-20's permit of the caller for this market.
    function depositWithPermit(
        address account,
        uint256 amount,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external;

    /// @notice Takes money out of the caller's account. Never paused.
    function withdraw(uint256 amount, address payable to) external;

    /// @notice Lets a contract ask for inferences from the caller's account, up to `amount` in all; refunds return to the
    /// account, not to the allowance. `type(uint256).max` is not counted down.
    function allowConsumer(address consumer, uint256 amount) external;

    /// @notice Asks for an inference that `payer` pays, who allowed it. The caller is called back; refunds are the payer's.
    function requestFrom(address payer, Request calldata req, bytes calldata input) external returns (bytes32 jobId);

    /// @notice Pays out what a worker earned, to where its operator says.
    function withdrawEarnings(uint24 workerId, address payable to) external;

    /// @notice Operator or key: ends a suspension.
    function returnToDraws(uint24 workerId) external;

    function balanceOf(address account) external view returns (uint256);

    function nonceOf(address requester) external view returns (uint64);

    function allowanceOf(address account, address consumer) external view returns (uint256);

    /// @notice Earnings, bound stake and counters of a worker.
    function standingOf(uint24 workerId) external view returns (Standing memory);
}
