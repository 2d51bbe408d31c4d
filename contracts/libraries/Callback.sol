// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IJobs} from "../interfaces/IJobs.sol";

/// @title Calls to contracts that cannot be trusted
/// @notice The callee gets exactly the gas that was promised, or the delivery as a whole reverts: whoever delivers can
/// neither starve a consumer nor blame it. Whatever the callee does, the caller goes on.
library Callback {
    /// @notice Gas that must be left besides the callee's: for the call itself and for what the caller does after it.
    uint256 internal constant RESERVE = 20_000;
    /// @notice Most bytes of a revert reason that are copied: four words and a selector.
    uint256 internal constant MAX_REASON_BYTES = 132;

    /// @notice Calls with exactly `gasLimit`. Reverts with `CallbackGasMissing` if that much cannot be given.
    /// @return success False if the callee reverted, ran out of gas or has no code.
    /// @return reason The first bytes of the revert data; empty on success.
    function tryCall(
        address target,
        uint256 gasLimit,
        bytes memory data
    ) internal returns (bool success, bytes memory reason) {
        // A call to an address without code would succeed. Reading the length also warms the address.
        if (target.code.length == 0) return (false, "");

        // A call forwards at most 63/64 of what is left (EIP-150) and silently less than it is told.
        uint256 needed = gasLimit + gasLimit / 63 + 1 + RESERVE;
        uint256 had = gasleft();
        if (had < needed) revert IJobs.CallbackGasMissing(had, needed);

        assembly ("memory-safe") {
            success := call(gasLimit, target, 0, add(data, 32), mload(data), 0, 0)
            if iszero(success) {
                let size := returndatasize()
                if gt(size, MAX_REASON_BYTES) {
                    size := MAX_REASON_BYTES
                }
                reason := mload(0x40)
                mstore(0x40, add(reason, 192))
                mstore(reason, size)
                returndatacopy(add(reason, 32), 0, size)
            }
        }
    }
}
