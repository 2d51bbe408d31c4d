// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Seats} from "../../../contracts/libraries/Seats.sol";
import {TicketList, Tickets} from "../../../contracts/libraries/Tickets.sol";

contract TicketsTest {
    uint24 private constant WORKERS = 3;

    TicketList private _list;
    Seats[WORKERS + 1] private _seats;

    /// @dev The worker's ticket that was first at each place, plus one.
    mapping(uint256 place => uint256) private _first;

    function testFuzz_PlacesKeepTheirTickets(uint8[24] calldata counts) public {
        uint256 held;
        for (uint256 i = 0; i < counts.length; ++i) {
            uint24 workerId = uint24(1 + (i % WORKERS));
            uint256 count = counts[i] % (Tickets.MOST + 1);
            uint256 had = _seats[workerId].held();
            if (count == had) continue;
            _seats[workerId] = _list.hold(_seats[workerId], workerId, count);
            held = held + count - had;
            require(_held() == held, "a ticket got lost");
        }
    }

    /// @dev Tickets in the list, each of which must be where its worker's seats say.
    function _held() private returns (uint256 sum) {
        uint256 serving;
        for (uint24 id = 1; id <= WORKERS; ++id) if (_seats[id].held() != 0) ++serving;
        require(serving == _list.serving, "the count of workers is wrong");

        for (uint256 place = 0; place < _list.length; ++place) {
            (uint24 workerId, uint256 index) = _list.ticketAt(place);
            if (workerId == 0) continue;
            ++sum;
            uint256 ticket = (uint256(workerId) << 8) + index + 1;
            if (_first[place] == 0) _first[place] = ticket;
            require(_first[place] == ticket, "another ticket is there");
            require(_seats[workerId].placeAt(index) == place && index < _seats[workerId].held(), "not its place");
        }
        (uint24 beyond, ) = _list.ticketAt(_list.length);
        require(beyond == 0, "there is somebody beyond the end");
    }
}
