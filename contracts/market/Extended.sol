// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IMarketPart} from "../interfaces/IMarketPart.sol";
import {MarketParameters} from "../interfaces/ISettings.sol";
import {MarketParts} from "./MarketBase.sol";
import {configurationOf} from "./Part.sol";

/// @title A contract that goes on in another one's code
/// @notice A market's code is too long for one contract. What a part does not know it passes on to the next, which works
/// on the same storage and with the same caller and value. The parts are fixed at deployment.
abstract contract Extended {
    address private immutable NEXT;

    constructor(IMarketPart next, string memory name, MarketParameters memory chosen, MarketParts memory parts) {
        bytes32 had = next.configuration();
        bytes32 needed = configurationOf(name, chosen, parts);
        if (had != needed) revert IMarketPart.PartMismatch(address(next), had, needed);
        NEXT = address(next);
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
