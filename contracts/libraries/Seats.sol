// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice One worker's places in one list of tickets, in one slot: how many tickets it holds there now (bits 0 to 3),
/// how many places it was ever given (bits 4 to 7), and those places, 31 bits each. It keeps them for good.
type Seats is uint256;

using SeatsLibrary for Seats global;

library SeatsLibrary {
    uint256 private constant COUNT_BITS = 4;
    uint256 private constant COUNT_MASK = 15;
    uint256 private constant PLACE_BITS = 31;
    uint256 private constant PLACE_MASK = (1 << PLACE_BITS) - 1;

    function held(Seats seats) internal pure returns (uint256) {
        return Seats.unwrap(seats) & COUNT_MASK;
    }

    function given(Seats seats) internal pure returns (uint256) {
        return (Seats.unwrap(seats) >> COUNT_BITS) & COUNT_MASK;
    }

    function placeAt(Seats seats, uint256 index) internal pure returns (uint256) {
        return (Seats.unwrap(seats) >> _shift(index)) & PLACE_MASK;
    }

    /// @dev Of eight places at most: the count of them is below 15, so that adding to it carries into nothing else.
    function withPlace(Seats seats, uint256 place) internal pure returns (Seats) {
        uint256 raw = Seats.unwrap(seats);
        return Seats.wrap((raw | (place << _shift(given(seats)))) + (1 << COUNT_BITS));
    }

    function withHeld(Seats seats, uint256 count) internal pure returns (Seats) {
        return Seats.wrap((Seats.unwrap(seats) & ~COUNT_MASK) | count);
    }

    function _shift(uint256 index) private pure returns (uint256) {
        return 2 * COUNT_BITS + index * PLACE_BITS;
    }
}
