// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Draw} from "../libraries/Draw.sol";
import {Level} from "../types/Level.sol";
import {Turns} from "./Turns.sol";

/// @title Draws of several workers
abstract contract Ballots is Turns {
    /// @notice What is drawn for, and among whom.
    struct Ballot {
        /// Zero if the chain forgot it: nobody is drawn.
        bytes32 seed;
        bytes32 question;
        bytes32 versionId;
        Level level;
        uint256 candidates;
        uint256 maxPrice;
        /// Never drawn.
        uint24[] barred;
    }

    /// @notice The first distinct workers that are drawn and may bind, at most `count`.
    /// @dev Who has a seat is barred and `count` is what is left, so that nobody's place in the order depends on stake
    /// that its own seat, or that of another one drawn, holds.
    function _firstDrawn(Ballot memory ballot, uint256 count) internal view returns (uint24[] memory ids) {
        ids = new uint24[](count);
        uint256 found = 0;
        uint256 attempts = ballot.seed == 0 ? 0 : ATTEMPTS * (count + ballot.barred.length);
        for (uint256 attempt = 0; attempt < attempts && found < count; ++attempt) {
            uint256 place = Draw.place(ballot.seed, ballot.question, attempt, ballot.candidates);
            (uint24 id, uint80 price, uint80 free) = WORKERS.candidateAt(ballot.versionId, ballot.level, place);
            if (id == 0 || price > ballot.maxPrice) continue;
            if (_holds(ballot.barred, id) || _holds(ids, id) || !_mayBind(id, free)) continue;
            ids[found++] = id;
        }
        // Cuts off what was not found.
        assembly ("memory-safe") {
            mstore(ids, found)
        }
    }

    function _holds(uint24[] memory ids, uint24 id) internal pure returns (bool) {
        for (uint256 i = 0; i < ids.length; ++i) if (ids[i] == id) return true;
        return false;
    }
}
