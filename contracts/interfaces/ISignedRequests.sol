// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Request} from "../types/Job.sol";

/// @notice A request that its requester signed and anybody may send.
struct SignedRequest {
    Request request;
    /// keccak256 of the packed input.
    bytes32 inputHash;
    address requester;
    /// Called back; zero for nobody.
    address consumer;
    /// Free to choose; each counts once for a requester, in any order.
    uint256 nonce;
    /// Last second in which it may be sent.
    uint40 validUntil;
    /// What whoever sends it gets from the requester's account.
    uint96 relayFee;
}

/// @title Requests signed off chain
/// @notice EIP-712 in the market's domain (name "Assay", version "1"), by the requester's key or, for a contract, its
/// ERC-1271 check, which gets a limited amount of gas.
interface ISignedRequests {
    event SignedRequestUsed(address indexed requester, uint256 indexed nonce, bytes32 jobId, address relayer);
    event SignedRequestCancelled(address indexed requester, uint256 indexed nonce);

    error SignatureRefused(address requester);
    error SignedRequestExpired(uint256 validUntil);
    /// @notice It was sent or cancelled already.
    error NonceUsed(address requester, uint256 nonce);
    error InputHashMismatch(bytes32 had, bytes32 needed);
    error CallbackWithoutConsumer();

    /// @notice Asks for an inference that the requester signed. Everything is paid from the requester's account; the
    /// relay fee goes to the caller's.
    function requestSigned(
        SignedRequest calldata signed,
        bytes calldata input,
        bytes calldata signature
    ) external returns (bytes32 jobId);

    /// @notice Makes nonces of the caller worthless.
    function cancelSigned(uint256[] calldata nonces) external;

    function isNonceUsed(address requester, uint256 nonce) external view returns (bool);

    function signedRequestDigest(SignedRequest calldata signed) external view returns (bytes32);
}
