// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// @title Signatures of accounts and of contracts, whatever a contract does
library Signatures {
    /// @dev For one ERC-1271 check, so that a signer's contract cannot use up a batch. Wallets that check a passkey's
    /// curve in Solidity need about 350,000.
    uint256 private constant CHECK_GAS = 500_000;

    /// @notice Whether it is the signature of the signer's key or, for a contract, one that its ERC-1271 check accepts.
    /// Never reverts.
    /// @dev A key's signature is tried first, so that an account with delegated code can still sign with its key.
    function isBy(address signer, bytes32 digest, bytes calldata signature) internal view returns (bool) {
        (address recovered, ECDSA.RecoverError problem, ) = ECDSA.tryRecoverCalldata(digest, signature);
        if (problem == ECDSA.RecoverError.NoError && recovered == signer) return true;
        if (signer.code.length == 0) return false;
        return _accepts(signer, abi.encodeCall(IERC1271.isValidSignature, (digest, signature)));
    }

    /// @dev One word of what the contract returns is looked at, so that neither much of it nor nonsense can do harm.
    function _accepts(address signer, bytes memory question) private view returns (bool) {
        bytes32 answer;
        bool answered;
        assembly ("memory-safe") {
            answered := staticcall(CHECK_GAS, signer, add(question, 32), mload(question), 0, 32)
            answered := and(answered, gt(returndatasize(), 31))
            answer := mload(0)
        }
        return answered && answer == bytes32(IERC1271.isValidSignature.selector);
    }
}
