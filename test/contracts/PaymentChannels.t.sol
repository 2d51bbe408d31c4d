// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {PaymentChannels} from "../../contracts/PaymentChannels.sol";
import {Channel, ChannelState, ChannelStatus, SignedVoucher} from "../../contracts/interfaces/IPaymentChannels.sol";
import {VM} from "./Vm.sol";

/// @dev Whatever anyone does in whatever order, the money adds up, and nobody gets more than was signed.
contract PaymentChannelsTest {
    uint40 private constant WINDOW = 1 hours;
    uint256 private constant CHANNELS = 4;
    uint256 private constant SECRET = 0xca;

    PaymentChannels private _channels;
    Channel[] private _all;
    mapping(bytes32 channelId => uint256) private _highest;
    /// @dev The compiler takes block.timestamp for a constant of the transaction.
    uint256 private _now = 1_800_000_000;
    uint256 private _earned;

    receive() external payable {}

    function setUp() public {
        _channels = new PaymentChannels(IERC20(address(0)), WINDOW);
        for (uint256 i = 0; i < CHANNELS; ++i) {
            _all.push(Channel(address(this), address(uint160(0xfee0 + (i % 2))), VM.addr(SECRET), bytes32(i)));
        }
        VM.deal(address(this), 1e30);
        VM.warp(_now);
    }

    function testFuzz_TheMoneyAddsUpAndEveryChannelCanBeEmptied(uint256 seed) public {
        _walk(seed, 60);
        for (uint256 i = 0; i < CHANNELS; ++i) {
            try _channels.startClosing(_all[i]) {} catch {}
            _pass(WINDOW + 1);
            try _channels.finish(_all[i]) {} catch {}
        }
        for (uint256 i = 0; i < 2; ++i) _leave(address(uint160(0xfee0 + i)));
        _leave(address(this));
        require(address(_channels).balance == 0, "money is left over");
    }

    /// @dev The walk above means something only if vouchers are collected and channels closed in it.
    function test_TheWalkReachesCollectionsAndEnds() public {
        _walk(1, 400);
        require(_earned != 0, "nothing was collected");
        uint256 closed = 0;
        for (uint256 i = 0; i < CHANNELS; ++i) {
            ChannelStatus memory status = _channels.statusOf(_channels.channelIdOf(_all[i]));
            if (status.state == ChannelState.Closed) ++closed;
        }
        require(closed > 1, "hardly any channels were closed");
    }

    function _walk(uint256 seed, uint256 steps) private {
        for (uint256 i = 0; i < steps; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            _step(seed % 16, _all[(seed >> 8) % CHANNELS], uint64(seed >> 64), seed >> 128);
            _checkMoney();
        }
    }

    function _step(uint256 kind, Channel memory channel, uint256 amount, uint256 total) private {
        if (kind < 4) {
            try _channels.open{value: amount}(channel, amount) {} catch {}
        } else if (kind < 6) {
            try _channels.topUp{value: amount}(channel, amount) {} catch {}
        } else if (kind < 13) {
            SignedVoucher[] memory vouchers = new SignedVoucher[](2);
            // Vouchers far above and below the deposit.
            vouchers[0] = _voucher(channel, uint128(total % (4 * amount + 1)));
            vouchers[1] = _voucher(channel, uint128(total >> (total % 128)));
            _channels.collectMany(vouchers);
        } else if (kind == 13) {
            try _channels.startClosing(channel) {} catch {}
        } else if (kind == 14) {
            _pass(amount % (2 * WINDOW));
            try _channels.finish(channel) {} catch {}
        } else if (amount % 4 == 0) {
            SignedVoucher memory last = _voucher(channel, uint128(total % (amount + 1)));
            VM.prank(channel.payee);
            try _channels.close(last) {} catch {}
        }
    }

    function _checkMoney() private {
        uint256 owed = _channels.balanceOf(address(this));
        uint256 earned = 0;
        for (uint256 i = 0; i < 2; ++i) earned += _channels.balanceOf(address(uint160(0xfee0 + i)));
        owed += earned;
        uint256 signed = 0;
        for (uint256 i = 0; i < CHANNELS; ++i) {
            bytes32 channelId = _channels.channelIdOf(_all[i]);
            ChannelStatus memory status = _channels.statusOf(channelId);
            owed += status.deposit - status.collected;
            require(status.collected <= _highest[channelId], "more was paid than was signed");
            signed += _highest[channelId];
        }
        require(earned <= signed, "payees have more than was signed");
        require(address(_channels).balance == owed, "the balance is not what is owed");
        _earned = earned;
    }

    function _pass(uint256 seconds_) private {
        _now += seconds_;
        VM.warp(_now);
    }

    function _leave(address account) private {
        uint256 balance = _channels.balanceOf(account);
        VM.prank(account);
        _channels.withdraw(balance, account);
    }

    function _voucher(Channel memory channel, uint128 total) private returns (SignedVoucher memory) {
        bytes32 channelId = _channels.channelIdOf(channel);
        if (total > _highest[channelId]) _highest[channelId] = total;
        (uint8 v, bytes32 r, bytes32 s) = VM.sign(SECRET, _channels.voucherDigest(channelId, total));
        return SignedVoucher(channel, total, abi.encodePacked(r, s, v));
    }
}
