// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Comparing the security version numbers of 16 components
library Svns {
    /// @notice True if no component from `first` on is lower than needed.
    function meet(bytes16 had, bytes16 needed, uint256 first) internal pure returns (bool) {
        for (uint256 i = first; i < 16; ++i) if (had[i] < needed[i]) return false;
        return true;
    }
}
