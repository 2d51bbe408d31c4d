// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IBalances} from "./IBalances.sol";

/// @notice `None`: never opened. `Closed` is final: an id is used once.
enum ChannelState {
    None,
    Open,
    Closing,
    Closed
}

/// @notice What became of a voucher.
/// - `NotOpen`: the channel was never opened, or is closed.
/// - `NothingNew`: as much was collected before, or the deposit is used up.
/// - `SignatureInvalid`: the channel's signer did not sign this, or its contract refused, reverted or took too much gas.
enum VoucherCode {
    Collected,
    NotOpen,
    NothingNew,
    SignatureInvalid
}

/// @notice Who pays whom. `channelId = keccak256(abi.encode(chainid, contract, channel))`; callers supply the channel
/// again at every step, the chain stores only a status under its id.
struct Channel {
    address payer;
    address payee;
    /// Whose signature a voucher needs: the payer itself, another key of it, or an ERC-1271 contract.
    address signer;
    /// Tells channels between the same two apart.
    bytes32 salt;
}

/// @notice One slot. The channel owes `deposit - collected`: to the payee what vouchers say, to the payer the rest.
struct ChannelStatus {
    /// All that was ever put in; zero once the channel is closed.
    uint104 deposit;
    /// Part of it that the payee was credited.
    uint104 collected;
    /// While closing: when the payee's time is over.
    uint40 closesAt;
    ChannelState state;
}

/// @notice A voucher with the payer's signature.
struct SignedVoucher {
    Channel channel;
    /// All that the channel has earned the payee so far, not what this voucher adds.
    uint128 total;
    bytes signature;
}

/// @title Many small payments, settled by the last of them
/// @notice The payer opens a channel to a payee with a deposit and signs vouchers off chain, each with the total so far.
/// The payee, or anyone for it, collects the newest one when it likes. The payee may close at once; the payer must
/// wait for the dispute window, in which the payee collects what it has.
/// A payee loses what it earned only if it collects nothing for the whole window after `ChannelClosing`, or lets vouchers
/// run above the deposit. A payer loses what it signed, and no more.
/// @dev Invariant: this contract holds the sum of all balances and, of every channel, `deposit - collected`.
/// Every voucher binds chain, contract and channel (EIP-712, domain "Assay Channels", "1").
interface IPaymentChannels is IBalances {
    event ChannelOpened(bytes32 indexed channelId, address indexed payer, address indexed payee, Channel channel);
    event ChannelToppedUp(bytes32 indexed channelId, address indexed from, uint256 amount, uint256 deposit);
    event VoucherCollected(bytes32 indexed channelId, address indexed payee, uint256 total, uint256 amount);
    /// @notice Only from `collectMany`.
    event VoucherRefused(bytes32 indexed channelId, VoucherCode code);
    /// @notice The payer wants the rest back: vouchers count until somebody finishes, which is not before `closesAt`.
    event ChannelClosing(bytes32 indexed channelId, address indexed payee, uint40 closesAt);
    event ChannelClosed(bytes32 indexed channelId, address indexed payer, uint256 refund);

    /// @notice A channel needs a payee and a signer.
    error PartyMissing(address payee, address signer);
    error NotPayer(bytes32 channelId, address caller);
    error NotPayee(bytes32 channelId, address caller);
    error ChannelStateMismatch(bytes32 channelId, ChannelState had);
    error ChannelNotDue(bytes32 channelId, uint256 closesAt);
    error VoucherNotCollected(bytes32 channelId, VoucherCode code);
    error ParameterOutOfRange(string name, uint256 had, uint256 max);

    /// @notice Opens a channel of the caller with a deposit, which may be zero and is at most 104 bits.
    function open(Channel calldata channel, uint256 amount) external payable returns (bytes32 channelId);

    /// @notice The same with an ERC-20's permit of the caller for this contract.
    function openWithPermit(
        Channel calldata channel,
        uint256 amount,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external returns (bytes32 channelId);

    /// @notice Adds to the deposit of an open channel. Anyone may; what is left goes to the payer all the same.
    function topUp(Channel calldata channel, uint256 amount) external payable;

    /// @notice Credits the payee with what a voucher has above what it was credited before, as far as the deposit goes;
    /// after a `topUp` the same voucher gives the rest. Anyone may. Works until the channel is closed.
    function collect(
        Channel calldata channel,
        uint128 total,
        bytes calldata signature
    ) external returns (uint256 amount);

    /// @notice The same for many channels. One that cannot be collected gives a code and does not touch the others.
    function collectMany(SignedVoucher[] calldata vouchers) external returns (VoucherCode[] memory codes);

    /// @notice The payee gives up what it did not collect, at once. A last voucher is collected on the way; a total that
    /// adds nothing, such as 0, needs no signature.
    function close(SignedVoucher calldata last) external;

    /// @notice The payer asks for the rest; the dispute window begins.
    function startClosing(Channel calldata channel) external;

    /// @notice Ends a closing channel after its window. Anyone may.
    function finish(Channel calldata channel) external;

    function channelIdOf(Channel calldata channel) external view returns (bytes32);

    function statusOf(bytes32 channelId) external view returns (ChannelStatus memory);

    /// @notice EIP-712 digest of Voucher(bytes32 channelId,uint128 total), which the channel's signer signs.
    function voucherDigest(bytes32 channelId, uint128 total) external view returns (bytes32);

    /// @notice Whether the channel's signer signed that total. Says nothing about the deposit.
    function isSigned(Channel calldata channel, uint128 total, bytes calldata signature) external view returns (bool);

    /// @notice Seconds between `startClosing` and `finish`.
    function disputeWindow() external view returns (uint40);
}
