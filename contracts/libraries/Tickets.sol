// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Seats} from "./Seats.sol";

/// @notice The tickets of one version and level. Places are only ever appended, so that a job which noted the length
/// at its request still finds the same places. A place whose ticket was given up is zero until its worker takes it again.
struct TicketList {
    uint32 length;
    /// Workers that hold a ticket.
    uint32 serving;
    /// Eight tickets of 32 bits to a word: a worker's id, then which of that worker's tickets it is.
    mapping(uint256 word => uint256) words;
}

using Tickets for TicketList global;

/// @title Joining, leaving and looking up in constant gas, whatever the number of workers
/// @dev 2^24 workers with eight tickets each append 2^27 places at most: lengths fit 32 bits, places the 31 of a seat.
library Tickets {
    /// @notice Most tickets of a worker in a list.
    uint256 internal constant MOST = 8;

    uint256 private constant TICKETS_PER_WORD = 8;
    uint256 private constant TICKET_BITS = 32;
    uint256 private constant INDEX_BITS = 8;

    /// @notice Makes a worker hold its first `count` tickets and no others: first in the places that it was given
    /// before, the rest in new ones. It must hold another number of them before.
    /// @return The worker's seats afterwards.
    function hold(TicketList storage list, Seats seats, uint24 workerId, uint256 count) internal returns (Seats) {
        uint256 had = seats.held();
        uint256 length = list.length;
        uint256 wordIndex;
        uint256 word;

        (uint256 from, uint256 to) = had < count ? (had, count) : (count, had);
        for (uint256 i = from; i < to; ++i) {
            if (i == seats.given()) seats = seats.withPlace(length++);
            uint256 place = seats.placeAt(i);
            if (i == from || place / TICKETS_PER_WORD != wordIndex) {
                if (i != from) list.words[wordIndex] = word;
                wordIndex = place / TICKETS_PER_WORD;
                word = list.words[wordIndex];
            }
            // A place holds its own ticket or zero, so this writes the one over the other.
            word ^= ((uint256(workerId) << INDEX_BITS) | i) << _shift(place);
        }
        list.words[wordIndex] = word;

        list.length = uint32(length);
        if (had == 0) ++list.serving;
        else if (count == 0) --list.serving;
        return seats.withHeld(count);
    }

    /// @notice Whose ticket is at a place, and which of that worker's; zeros for a gap and beyond the end.
    function ticketAt(TicketList storage list, uint256 place) internal view returns (uint24 workerId, uint256 index) {
        uint256 ticket = list.words[place / TICKETS_PER_WORD] >> _shift(place);
        return (uint24(ticket >> INDEX_BITS), uint8(ticket));
    }

    function _shift(uint256 place) private pure returns (uint256) {
        return (place % TICKETS_PER_WORD) * TICKET_BITS;
    }
}
