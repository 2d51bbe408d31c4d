// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Packed bytes as public signals of a circuit
/// @notice Input and output one after the other, cut into big-endian words of 31 bytes, the last one padded with zeros
/// on the right. Every word is below 2^248 and so always a canonical element of the BN254 scalar field.
library InterfaceWords {
    uint256 internal constant WORD_BYTES = 31;

    /// @notice How many words a stream of that many bytes takes.
    function count(uint256 streamBytes) internal pure returns (uint256) {
        return (streamBytes + WORD_BYTES - 1) / WORD_BYTES;
    }
}
