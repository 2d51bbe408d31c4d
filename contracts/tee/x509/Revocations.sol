// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {P256Signature} from "../../libraries/P256Signature.sol";
import {Authority, ICertificateStore} from "../../interfaces/ICertificateStore.sol";
import {RevocationList, RevocationLists} from "./RevocationLists.sol";

/// @title Serial numbers that authorities revoked, from lists that they signed
/// @dev What is revoked stays so, even when a later list leaves it out: serial numbers are given only once.
abstract contract Revocations is ICertificateStore {
    struct Complete {
        uint40 thisUpdate;
        uint40 nextUpdate;
    }

    mapping(bytes32 issuerKey => mapping(uint160 serial => bool)) public override isRevoked;
    mapping(bytes32 issuerKey => Complete) private _complete;
    /// @dev Where to go on in a list that was entered in part. By list, so that nobody can undo another's progress.
    mapping(bytes32 issuerKey => mapping(bytes32 list => uint256 pos)) private _progress;

    /// @inheritdoc ICertificateStore
    function listUntil(bytes32 issuerKey) public view override returns (uint40) {
        return _complete[issuerKey].nextUpdate;
    }

    function _enter(Authority memory issuer, bytes calldata encoded, uint256 maxEntries) internal {
        bytes memory der = encoded;
        RevocationList memory list = RevocationLists.parse(der);
        bytes32 issuerKey = _keyOf(issuer);
        _check(issuer, list, _complete[issuerKey].thisUpdate);

        uint256 pos = _progress[issuerKey][list.digest];
        if (pos == 0) pos = list.entriesFrom;
        uint256 entered = 0;
        for (; pos < list.entriesTo && entered < maxEntries; ++entered) {
            uint160 serial;
            (serial, pos) = RevocationLists.entry(der, pos, list.entriesTo);
            isRevoked[issuerKey][serial] = true;
        }
        _progress[issuerKey][list.digest] = pos;
        bool isComplete = pos == list.entriesTo;
        if (isComplete) _complete[issuerKey] = Complete(list.thisUpdate, list.nextUpdate);
        emit RevocationsEntered(issuerKey, list.digest, entered, isComplete);
    }

    function _requireNotRevoked(bytes32 issuerKey, uint160 serial) internal view {
        if (isRevoked[issuerKey][serial]) revert CertificateRevoked(serial);
    }

    /// @dev An authority is its key: lists and certificates of the same key belong together whatever certifies it.
    function _keyOf(Authority memory authority) internal pure returns (bytes32) {
        return keccak256(abi.encode(authority.x, authority.y));
    }

    function _check(Authority memory issuer, RevocationList memory list, uint40 had) private view {
        if (list.issuer != issuer.name) revert IssuerMismatch(list.issuer, issuer.name);
        bool isCurrent = list.thisUpdate <= block.timestamp && block.timestamp < list.nextUpdate;
        if (!isCurrent) revert ListNotCurrent(list.thisUpdate, list.nextUpdate);
        if (list.thisUpdate <= had) revert ListSuperseded(list.thisUpdate, had);
        bool isSigned = P256Signature.isValid(list.digest, list.r, list.s, issuer.x, issuer.y);
        if (!isSigned) revert ListSignature(list.digest);
    }
}
