// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Channel, ChannelStatus, SignedVoucher} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {AnchorState, ReceiptChallenge, ReceiptChallengeState} from "../../../contracts/interfaces/IReceiptAnchors.sol";
import {Receipt} from "../../../contracts/types/Receipt.sol";
import {CHEATS} from "./Cheats.sol";
import {Trapdoor} from "./Trapdoor.sol";
import {Walk} from "./Walk.sol";

/// @dev What goes on beside the market: payment channels, and anchored receipts with the same workers' stake behind.
abstract contract SideSteps is Walk {
    uint256 private constant MOST_CHANNELS = 12;
    uint256 internal constant MOST_ANCHORS = 24;

    Channel[] internal _channels;
    /// @dev Of the anchor with the same number from 1 on, whose tree is one leaf.
    Receipt[] internal _receipts;
    uint256[] private _receiptSecrets;

    function pay(uint256 seed) external step(seed) {
        seed = _mix(seed);
        if (_channels.length < MOST_CHANNELS && seed % 3 == 0) return _openChannel(seed >> 8);
        if (_channels.length == 0) return;
        Channel memory channel = _channels[(seed >> 8) % _channels.length];
        bytes32 id = channels.channelIdOf(channel);
        uint256 kind = (seed >> 16) % 8;
        uint256 amount = (seed >> 24) % 1 ether;
        if (kind == 0) {
            CHEATS.prank(channel.payer);
            try channels.topUp{value: _value(amount)}(channel, amount) {} catch {}
        } else if (kind < 5) {
            ChannelStatus memory had = channels.statusOf(id);
            uint256 total = had.collected + amount;
            try channels.collect(channel, uint128(total), _voucher(channel, uint128(total))) returns (uint256 got) {
                require(had.collected + got == (total < had.deposit ? total : had.deposit), "not what was signed");
                _reach("voucher collected");
            } catch {}
        } else if (kind == 5) {
            CHEATS.prank(channel.payer);
            try channels.startClosing(channel) {} catch {}
        } else if (kind == 6) {
            try channels.finish(channel) {
                _reach("channel finished");
            } catch {}
        } else if ((seed >> 200) % 4 == 0) {
            SignedVoucher memory last = SignedVoucher(channel, uint128(amount), _voucher(channel, uint128(amount)));
            CHEATS.prank(channel.payee);
            try channels.close(last) {
                _reach("channel closed");
            } catch {}
        }
    }

    function anchor(uint256 seed) external step(seed) {
        seed = _mix(seed);
        if (_receipts.length >= MOST_ANCHORS || seed % 2 == 0) return;
        uint256 index = _anyWorker(seed >> 128);
        bool isWrong = index == 0;
        Receipt memory receipt = Receipt({
            versionId: _versions[1 + ((seed >> 8) % 2)],
            inputHash: keccak256(INPUT),
            outputHash: keccak256(isWrong ? WRONG : RIGHT),
            requester: (seed >> 16) % 4 == 0 ? address(0) : _accounts[(seed >> 24) % REQUESTERS],
            worker: _keys[index],
            answeredAt: uint40(block.timestamp),
            nonce: uint64(seed >> 64)
        });
        bytes32 leaf = anchors.leafOf(receipt);
        CHEATS.prank(_keys[index]);
        try anchors.anchor(uint24(index + 1), leaf, 1, "") {
            _receipts.push(receipt);
            _receiptSecrets.push(_enclaveSecrets[index]);
            _reach("anchored");
        } catch {}
    }

    function tendAnchor(uint256 seed) external step(seed) {
        seed = _mix(seed);
        if (_receipts.length == 0) return;
        uint256 kind = seed % 8;
        for (uint256 i = 0; i < _receipts.length; ++i) {
            uint256 which = ((seed >> 8) + i) % _receipts.length;
            if (kind < 3 && _challengeReceipt(which, (seed >> 64) % CHALLENGERS)) return;
            if (kind > 2 && kind < 7) _show(which, _receipts[which]);
            if (kind == 7) _endAnchor(which, _receipts[which]);
        }
    }

    function _endAnchor(uint256 which, Receipt memory receipt) internal {
        try anchors.resolve(which + 1, receipt) {
            _reach("anchor slashed");
        } catch {}
        try anchors.release(which + 1) {
            _reach("anchor released");
        } catch {}
    }

    function _challengeReceipt(uint256 which, uint256 who) private returns (bool) {
        address challenger = _accounts[REQUESTERS + CONSUMERS + who];
        Receipt memory receipt = _receipts[which];
        CHEATS.prank(challenger);
        try anchors.challenge{value: _value(BOND)}(which + 1, receipt, new bytes32[](0)) {
            _reach("receipt challenged");
            return true;
        } catch {
            return false;
        }
    }

    /// @dev Evidence in time for a right receipt is never refused, and a wrong one has none.
    function _show(uint256 which, Receipt memory receipt) private {
        ReceiptChallenge memory open = anchors.challengeOf(which + 1, anchors.leafOf(receipt));
        bool isOpen = anchors.anchorOf(which + 1).state == AnchorState.Open && open.state == ReceiptChallengeState.Open;
        bool isRight = receipt.outputHash == keccak256(RIGHT);
        if (!isOpen && which % 4 != 0) return;
        bytes32 digest = anchors.resultDigestOf(receipt);
        bytes memory evidence;
        if (receipt.versionId == _versions[2]) {
            evidence = bytes.concat(Trapdoor.prove(uint256(digest) >> 8, bytes1(INPUT), bytes1(RIGHT)), INPUT);
        } else {
            (uint8 v, bytes32 r, bytes32 s) = CHEATS.sign(_receiptSecrets[which], digest);
            evidence = abi.encodePacked(r, s, v);
        }
        bool done = true;
        try anchors.fulfill(which + 1, receipt, RIGHT, evidence) {
            _reach("receipt shown");
        } catch {
            done = false;
        }
        require(
            done == (isOpen && isRight && block.timestamp <= open.dueAt),
            "evidence for a receipt was refused, or taken late"
        );
    }

    function _openChannel(uint256 seed) private {
        address payer = _accounts[seed % REQUESTERS];
        Channel memory channel = Channel({
            payer: payer,
            payee: _operators[(seed >> 8) % _operators.length],
            signer: payer,
            salt: bytes32(seed)
        });
        uint256 amount = (seed >> 16) % 2 ether;
        CHEATS.prank(payer);
        channels.open{value: _value(amount)}(channel, amount);
        _channels.push(channel);
    }

    function _voucher(Channel memory channel, uint128 total) private view returns (bytes memory) {
        uint256 who = 0;
        while (_accounts[who] != channel.payer) ++who;
        bytes32 digest = channels.voucherDigest(channels.channelIdOf(channel), total);
        (uint8 v, bytes32 r, bytes32 s) = CHEATS.sign(REQUESTER_SECRET + who, digest);
        return abi.encodePacked(r, s, v);
    }
}
