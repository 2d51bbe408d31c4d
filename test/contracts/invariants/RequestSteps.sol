// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SignedRequest} from "../../../contracts/interfaces/ISignedRequests.sol";
import {CallbackAt, Request} from "../../../contracts/types/Job.sol";
import {Level} from "../../../contracts/types/Level.sol";
import {CHEATS} from "./Cheats.sol";
import {Walk} from "./Walk.sol";

/// @dev All the ways to ask for an inference.
abstract contract RequestSteps is Walk {
    uint256 private _nonces;
    uint256 internal _relayFees;

    function request(uint256 seed) external step(seed) {
        seed = _mix(seed);
        if (_open.length >= MOST_OPEN) return;
        Request memory req = _requestOf(_mix(seed));
        address requester = _accounts[seed % REQUESTERS];
        uint256 value = seed % 2 == 0 ? _value(req.maxFee) : 0;
        CHEATS.prank(requester);
        try market.request{value: value}(req, INPUT) {
            _in[requester] += value;
            _reach("requested");
        } catch {}
    }

    function ask(uint256 seed) external step(seed) {
        seed = _mix(seed);
        if (_open.length >= MOST_OPEN) return;
        Request memory req = _requestOf(_mix(seed));
        req.callbackGas = uint32(150_000 + (seed % 100_000));
        try _consumers[seed % CONSUMERS].ask(req, INPUT) {
            _reach("asked by a consumer");
        } catch {}
    }

    function requestFrom(uint256 seed) external step(seed) {
        seed = _mix(seed);
        if (_open.length >= MOST_OPEN) return;
        Request memory req = _requestOf(_mix(seed));
        address payer = _accounts[seed % REQUESTERS];
        uint256 allowed = market.allowanceOf(payer, SPENDER);
        CHEATS.prank(SPENDER);
        try market.requestFrom(payer, req, INPUT) {
            require(allowed >= req.maxFee, "more than was allowed");
            uint256 left = allowed == type(uint256).max ? allowed : allowed - req.maxFee;
            require(market.allowanceOf(payer, SPENDER) == left, "the allowance is another one");
            _reach("requested from an allowance");
        } catch {}
    }

    function requestSigned(uint256 seed) external step(seed) {
        seed = _mix(seed);
        if (_open.length >= MOST_OPEN) return;
        uint256 who = seed % REQUESTERS;
        SignedRequest memory signed = SignedRequest({
            request: _requestOf(_mix(seed)),
            inputHash: keccak256(INPUT),
            requester: _accounts[who],
            consumer: SPENDER,
            nonce: _nonces++,
            validUntil: uint40(block.timestamp + ((seed >> 8) % 8)),
            relayFee: uint96((seed >> 16) % 0.01 ether)
        });
        if ((seed >> 32) % 8 == 0) _cancel(signed);
        (uint8 v, bytes32 r, bytes32 s) = CHEATS.sign(REQUESTER_SECRET + who, market.signedRequestDigest(signed));
        bytes memory signature = abi.encodePacked(r, s, v);
        bool wasUsed = market.isNonceUsed(signed.requester, signed.nonce);
        CHEATS.prank(RELAYER);
        try market.requestSigned(signed, INPUT, signature) {
            require(!wasUsed, "a cancelled request was sent");
            _relayFees += signed.relayFee;
            _spent[signed.requester] += signed.relayFee;
            _reach("requested by a signature");
        } catch {
            return;
        }
        CHEATS.prank(RELAYER);
        try market.requestSigned(signed, INPUT, signature) {
            revert("a signed request was sent twice");
        } catch {}
    }

    function _cancel(SignedRequest memory signed) private {
        uint256[] memory nonces = new uint256[](1);
        nonces[0] = signed.nonce;
        CHEATS.prank(signed.requester);
        market.cancelSigned(nonces);
    }

    function _requestOf(uint256 seed) private view returns (Request memory req) {
        uint256 version = seed % 3;
        req.versionId = _versions[version];
        // Seldom a level that the version does not have.
        uint256 level = (seed >> 8) % (seed % 32 == 0 ? 3 : version + 1);
        if ((seed >> 16) % 3 == 0) level = 0;
        req.level = Level(uint8(level));
        req.callbackAt = CallbackAt(uint8((seed >> 24) % 2));
        req.callbackGas = (seed >> 32) % 4 == 0 ? uint32(60_000) : 0;
        req.minFee = uint96(ROYALTY + ((seed >> 40) % ((seed >> 48) % 4 == 0 ? 1e15 : 0.5 ether)));
        req.maxFee = uint96(req.minFee + ((seed >> 104) % 0.5 ether));
        req.timeToLive = uint32(2 * PRIORITY + 1 + ((seed >> 168) % 600));
        req.challengeWindow = (seed >> 200) % 2 == 0 ? 0 : uint32(LEAST_CHALLENGE_WINDOW + ((seed >> 208) % 400));
        // Where one will do more often than not.
        req.copies = level != 0 || (seed >> 232) % 2 == 0 ? 1 : uint8(1 + ((seed >> 240) % 5));
    }
}
