// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ISignedRequests, SignedRequest} from "../interfaces/ISignedRequests.sol";
import {Signatures} from "../libraries/Signatures.sol";
import {Request} from "../types/Job.sol";
import {Part} from "./Part.sol";
import {Requests} from "./Requests.sol";

/// @title Requests signed off chain
abstract contract SignedRequests is ISignedRequests, Requests, Part {
    bytes32 private constant REQUEST_TYPEHASH = keccak256(
        "Request(bytes32 versionId,uint8 level,uint8 callbackAt,uint32 callbackGas,uint96 minFee,uint96 maxFee,"
        "uint32 timeToLive,uint32 challengeWindow,uint8 copies)"
    );
    bytes32 private constant SIGNED_REQUEST_TYPEHASH = keccak256(
        "SignedRequest(Request request,bytes32 inputHash,address requester,address consumer,uint256 nonce,"
        "uint40 validUntil,uint96 relayFee)"
        "Request(bytes32 versionId,uint8 level,uint8 callbackAt,uint32 callbackGas,uint96 minFee,uint96 maxFee,"
        "uint32 timeToLive,uint32 challengeWindow,uint8 copies)"
    );

    /// @inheritdoc ISignedRequests
    function requestSigned(
        SignedRequest calldata signed,
        bytes calldata input,
        bytes calldata signature
    ) external override inMarket nonReentrant returns (bytes32 jobId) {
        address requester = signed.requester;
        if (block.timestamp > signed.validUntil) revert SignedRequestExpired(signed.validUntil);
        bytes32 inputHash = keccak256(input);
        if (inputHash != signed.inputHash) revert InputHashMismatch(inputHash, signed.inputHash);
        if (signed.request.callbackGas != 0 && signed.consumer == address(0)) revert CallbackWithoutConsumer();
        // What a contract's check costs a relayer, it learns by simulating the call.
        if (!Signatures.isBy(requester, _signedRequestDigest(signed), signature)) revert SignatureRefused(requester);

        if (!_useNonce(requester, signed.nonce)) revert NonceUsed(requester, signed.nonce);
        if (signed.relayFee != 0) {
            _take(requester, signed.relayFee);
            _credit(msg.sender, signed.relayFee);
        }
        jobId = _open(signed.request, input, requester, signed.consumer, 0);
        emit SignedRequestUsed(requester, signed.nonce, jobId, msg.sender);
    }

    /// @inheritdoc ISignedRequests
    function cancelSigned(uint256[] calldata nonces) external override {
        for (uint256 i = 0; i < nonces.length; ++i) {
            if (_useNonce(msg.sender, nonces[i])) emit SignedRequestCancelled(msg.sender, nonces[i]);
        }
    }

    /// @inheritdoc ISignedRequests
    function isNonceUsed(address requester, uint256 nonce) external view override returns (bool) {
        return (_usedNonces[requester][nonce >> 8] >> (nonce & 255)) & 1 == 1;
    }

    /// @inheritdoc ISignedRequests
    function signedRequestDigest(SignedRequest calldata signed) external view override returns (bytes32) {
        return _signedRequestDigest(signed);
    }

    /// @dev False if it was used before.
    function _useNonce(address requester, uint256 nonce) private returns (bool) {
        uint256 bit = 1 << (nonce & 255);
        uint256 used = _usedNonces[requester][nonce >> 8];
        if (used & bit != 0) return false;
        _usedNonces[requester][nonce >> 8] = used | bit;
        return true;
    }

    function _signedRequestDigest(SignedRequest calldata signed) private view returns (bytes32) {
        Request calldata req = signed.request;
        bytes32 requestHash = keccak256(
            abi.encode(
                REQUEST_TYPEHASH,
                req.versionId,
                req.level,
                req.callbackAt,
                req.callbackGas,
                req.minFee,
                req.maxFee,
                req.timeToLive,
                req.challengeWindow,
                req.copies
            )
        );
        return
            _hashTypedDataV4(
                keccak256(
                    abi.encode(
                        SIGNED_REQUEST_TYPEHASH,
                        requestHash,
                        signed.inputHash,
                        signed.requester,
                        signed.consumer,
                        signed.nonce,
                        signed.validUntil,
                        signed.relayFee
                    )
                )
            );
    }
}
