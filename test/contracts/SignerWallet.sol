// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

enum Mood {
    Honest,
    Reverting,
    Burning,
    Bombing,
    Stuttering,
    Dirty,
    Thorough
}

/// @dev A contract that owns money: it does what its owner says, signs by the owner's key, and can misbehave.
contract SignerWallet is IERC1271 {
    /// @dev What a wallet needs that checks a passkey's curve in Solidity.
    uint256 private constant THOROUGH_GAS = 350_000;
    address private immutable OWNER;
    Mood public mood;

    error Refused();

    constructor(address owner) {
        OWNER = owner;
    }

    function setMood(Mood mood_) external {
        mood = mood_;
    }

    function execute(address target, uint256 value, bytes calldata data) external payable {
        (bool done, bytes memory reason) = target.call{value: value}(data);
        if (done) return;
        assembly ("memory-safe") {
            revert(add(reason, 32), mload(reason))
        }
    }

    function isValidSignature(bytes32 hash, bytes calldata signature) external view override returns (bytes4) {
        if (mood == Mood.Reverting) revert Refused();
        if (mood == Mood.Burning) for (uint256 i = 0; ; ++i) keccak256(abi.encode(i));
        uint256 left = gasleft();
        if (mood == Mood.Thorough) while (left - gasleft() < THOROUGH_GAS) keccak256(abi.encode(left));
        if (mood == Mood.Bombing) {
            assembly ("memory-safe") {
                return(0, 200000)
            }
        }
        bytes32 word = bytes32(IERC1271.isValidSignature.selector);
        if (mood == Mood.Dirty) word |= bytes32(uint256(1));
        if (mood == Mood.Stuttering || mood == Mood.Dirty) {
            uint256 size = mood == Mood.Dirty ? 32 : 4;
            assembly ("memory-safe") {
                mstore(0, word)
                return(0, size)
            }
        }
        return ECDSA.recoverCalldata(hash, signature) == OWNER ? IERC1271.isValidSignature.selector : bytes4(0);
    }
}
