// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {
    Channel,
    ChannelState,
    ChannelStatus,
    IPaymentChannels,
    SignedVoucher,
    VoucherCode
} from "./interfaces/IPaymentChannels.sol";
import {Signatures} from "./libraries/Signatures.sol";
import {Balances} from "./market/Balances.sol";
import {Currency} from "./market/Currency.sol";

/// @title Many small payments, settled by the last of them
contract PaymentChannels is IPaymentChannels, Balances, EIP712 {
    bytes32 private constant VOUCHER_TYPEHASH = keccak256("Voucher(bytes32 channelId,uint128 total)");
    uint40 private constant MAX_WINDOW = 90 days;

    uint40 public immutable override disputeWindow;

    mapping(bytes32 channelId => ChannelStatus) private _channels;

    constructor(IERC20 currency_, uint40 disputeWindow_) Currency(currency_) EIP712("Assay Channels", "1") {
        if (disputeWindow_ == 0 || disputeWindow_ > MAX_WINDOW) {
            revert ParameterOutOfRange("disputeWindow", disputeWindow_, MAX_WINDOW);
        }
        disputeWindow = disputeWindow_;
    }

    /// @inheritdoc IPaymentChannels
    function open(
        Channel calldata channel,
        uint256 amount
    ) external payable override nonReentrant returns (bytes32 channelId) {
        return _open(channel, amount);
    }

    /// @inheritdoc IPaymentChannels
    function openWithPermit(
        Channel calldata channel,
        uint256 amount,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external override nonReentrant returns (bytes32 channelId) {
        _usePermit(amount, deadline, v, r, s);
        return _open(channel, amount);
    }

    /// @inheritdoc IPaymentChannels
    function topUp(Channel calldata channel, uint256 amount) external payable override nonReentrant {
        (bytes32 channelId, ChannelStatus storage status) = _load(channel);
        if (status.state != ChannelState.Open) revert ChannelStateMismatch(channelId, status.state);

        uint104 deposit = SafeCast.toUint104(status.deposit + amount);
        status.deposit = deposit;
        emit ChannelToppedUp(channelId, msg.sender, amount, deposit);
        _collect(amount);
    }

    /// @inheritdoc IPaymentChannels
    function collect(
        Channel calldata channel,
        uint128 total,
        bytes calldata signature
    ) external override returns (uint256 amount) {
        VoucherCode code;
        (code, amount) = _redeem(channel, total, signature);
        if (code != VoucherCode.Collected) revert VoucherNotCollected(channelIdOf(channel), code);
    }

    /// @inheritdoc IPaymentChannels
    function collectMany(SignedVoucher[] calldata vouchers) external override returns (VoucherCode[] memory codes) {
        codes = new VoucherCode[](vouchers.length);
        for (uint256 i = 0; i < vouchers.length; ++i) {
            SignedVoucher calldata voucher = vouchers[i];
            (VoucherCode code, ) = _redeem(voucher.channel, voucher.total, voucher.signature);
            codes[i] = code;
            if (code != VoucherCode.Collected) emit VoucherRefused(channelIdOf(voucher.channel), code);
        }
    }

    /// @inheritdoc IPaymentChannels
    function close(SignedVoucher calldata last) external override {
        (bytes32 channelId, ChannelStatus storage status) = _load(last.channel);
        if (msg.sender != last.channel.payee) revert NotPayee(channelId, msg.sender);
        (VoucherCode code, ) = _redeem(last.channel, last.total, last.signature);
        if (code == VoucherCode.NotOpen) revert ChannelStateMismatch(channelId, status.state);
        if (code == VoucherCode.SignatureInvalid) revert VoucherNotCollected(channelId, code);

        _close(channelId, last.channel.payer);
    }

    /// @inheritdoc IPaymentChannels
    function startClosing(Channel calldata channel) external override {
        (bytes32 channelId, ChannelStatus storage status) = _load(channel);
        if (msg.sender != channel.payer) revert NotPayer(channelId, msg.sender);
        if (status.state != ChannelState.Open) revert ChannelStateMismatch(channelId, status.state);

        uint40 closesAt = uint40(block.timestamp) + disputeWindow;
        status.closesAt = closesAt;
        status.state = ChannelState.Closing;
        emit ChannelClosing(channelId, channel.payee, closesAt);
    }

    /// @inheritdoc IPaymentChannels
    function finish(Channel calldata channel) external override {
        (bytes32 channelId, ChannelStatus storage status) = _load(channel);
        if (status.state != ChannelState.Closing) revert ChannelStateMismatch(channelId, status.state);
        if (block.timestamp <= status.closesAt) revert ChannelNotDue(channelId, status.closesAt);

        _close(channelId, channel.payer);
    }

    /// @inheritdoc IPaymentChannels
    function statusOf(bytes32 channelId) external view override returns (ChannelStatus memory) {
        return _channels[channelId];
    }

    /// @inheritdoc IPaymentChannels
    function isSigned(
        Channel calldata channel,
        uint128 total,
        bytes calldata signature
    ) external view override returns (bool) {
        return Signatures.isBy(channel.signer, voucherDigest(channelIdOf(channel), total), signature);
    }

    /// @inheritdoc IPaymentChannels
    function channelIdOf(Channel calldata channel) public view override returns (bytes32) {
        return keccak256(abi.encode(block.chainid, address(this), channel));
    }

    /// @inheritdoc IPaymentChannels
    function voucherDigest(bytes32 channelId, uint128 total) public view override returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(VOUCHER_TYPEHASH, channelId, total)));
    }

    function _open(Channel calldata channel, uint256 amount) private returns (bytes32 channelId) {
        ChannelStatus storage status;
        (channelId, status) = _load(channel);
        if (msg.sender != channel.payer) revert NotPayer(channelId, msg.sender);
        if (channel.payee == address(0) || channel.signer == address(0)) {
            revert PartyMissing(channel.payee, channel.signer);
        }
        if (status.state != ChannelState.None) revert ChannelStateMismatch(channelId, status.state);

        _channels[channelId] = ChannelStatus(SafeCast.toUint104(amount), 0, 0, ChannelState.Open);
        emit ChannelOpened(channelId, channel.payer, channel.payee, channel);
        emit ChannelToppedUp(channelId, msg.sender, amount, amount);
        _collect(amount);
    }

    /// @dev Never reverts, whatever the signer's contract does.
    function _redeem(
        Channel calldata channel,
        uint128 total,
        bytes calldata signature
    ) private returns (VoucherCode code, uint256 amount) {
        (bytes32 channelId, ChannelStatus storage stored) = _load(channel);
        ChannelStatus memory status = stored;
        if (status.state != ChannelState.Open && status.state != ChannelState.Closing) {
            return (VoucherCode.NotOpen, 0);
        }
        uint104 upTo = total < status.deposit ? uint104(total) : status.deposit;
        if (upTo <= status.collected) return (VoucherCode.NothingNew, 0);
        if (!Signatures.isBy(channel.signer, voucherDigest(channelId, total), signature))
            return (VoucherCode.SignatureInvalid, 0);

        amount = upTo - status.collected;
        stored.collected = upTo;
        emit VoucherCollected(channelId, channel.payee, total, amount);
        _credit(channel.payee, amount);
    }

    function _close(bytes32 channelId, address payer) private {
        ChannelStatus storage status = _channels[channelId];
        uint256 refund = status.deposit - status.collected;
        _channels[channelId] = ChannelStatus(0, 0, 0, ChannelState.Closed);
        emit ChannelClosed(channelId, payer, refund);
        _credit(payer, refund);
    }

    function _load(Channel calldata channel) private view returns (bytes32 channelId, ChannelStatus storage status) {
        channelId = channelIdOf(channel);
        status = _channels[channelId];
    }
}
