// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title A contract that goes on in another one's code
/// @notice A market's code is too long for one contract. What a part does not know it passes on to the next, which works
/// on the same storage and with the same caller and value. The parts are fixed at deployment.
abstract contract Extended {
    address internal immutable NEXT;

    constructor(address next) {
        NEXT = next;
    }

    receive() external payable virtual {
        _extend();
    }

    // Everything that is not in this contract.
    fallback() external payable virtual {
        _extend();
    }

    /// @dev Goes on there with the same call, and ends the call as that does.
    function _extend() internal {
        address next = NEXT;
        assembly ("memory-safe") {
            let free := mload(0x40)
            calldatacopy(free, 0, calldatasize())
            let done := delegatecall(gas(), next, free, calldatasize(), 0, 0)
            returndatacopy(free, 0, returndatasize())
            if iszero(done) {
                revert(free, returndatasize())
            }
            return(free, returndatasize())
        }
    }
}
