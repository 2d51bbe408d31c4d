// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Hashes of recent blocks: of the last 256, and of 8,191 where the chain keeps a history (EIP-2935)
library BlockHashes {
    address private constant HISTORY = 0x0000F90827F1C53a10cb7A02335B175320002935;
    uint256 private constant AT_HAND = 256;

    /// @notice Zero where the chain does not know it, as of blocks to come.
    function hashOf(uint256 blockNumber) internal view returns (bytes32 found) {
        if (blockNumber >= block.number) return 0;
        if (block.number - blockNumber <= AT_HAND) return blockhash(blockNumber);
        address history = HISTORY;
        assembly ("memory-safe") {
            mstore(0, blockNumber)
            let known := staticcall(gas(), history, 0, 0x20, 0, 0x20)
            // What a failed call returns is no hash, and may be the same for every block.
            if and(known, eq(returndatasize(), 0x20)) {
                found := mload(0)
            }
        }
    }
}
