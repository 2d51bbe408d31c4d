// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {P256} from "@openzeppelin/contracts/utils/cryptography/P256.sol";

/// @title ECDSA signatures on P-256 as hardware and certificate authorities make them
/// @dev They do not keep s in the lower half of the order, as OpenZeppelin's library demands; so both signatures that
/// differ in the sign of s are taken. Nothing may therefore be identified by the bytes of a signature.
library P256Signature {
    /// @notice Through the precompile at 0x100 where the chain has it (EIP-7951, RIP-7212), else in Solidity.
    function isValid(bytes32 digest, bytes32 r, bytes32 s, bytes32 x, bytes32 y) internal view returns (bool) {
        // s >= order stays as it is and is refused.
        if (uint256(s) > P256.N / 2 && uint256(s) < P256.N) s = bytes32(P256.N - uint256(s));
        return P256.verify(digest, r, s, x, y);
    }
}
