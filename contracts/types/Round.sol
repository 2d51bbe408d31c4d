// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice Workers that answer the same question without seeing each other's answers commit first and reveal later.
enum RoundPhase {
    None,
    Committing,
    Revealing,
    Closed
}

/// @notice `Committed` and `Revealed` seats hold stake. `Lost`: it was taken. `Released`: it was let go, with a reward or
/// without.
enum SeatState {
    Committed,
    Revealed,
    Lost,
    Released
}

/// @notice A round of commitments: the copies of a job, or a panel that judges a challenged answer. One slot.
struct Round {
    RoundPhase phase;
    uint8 seats;
    uint8 commits;
    uint8 reveals;
    /// When the phase can be ended by anyone, in seconds.
    uint32 dueAt;
    /// Its hash seeds the draw of a panel, or that of every 200th block after it while nobody sits.
    uint48 seedBlock;
    /// Length of the list of tickets when the panel was called.
    uint32 candidates;
    /// What the copies of a job cost if all answer alike, fixed when the reveals begin.
    uint96 fee;
}

/// @notice A worker in a round. Before its reveal `kept` is the commitment, after it the hash of its output: the first
/// 28 bytes of each.
struct Seat {
    uint24 workerId;
    SeatState state;
    bytes28 kept;
}

using RoundLibrary for Round global;
using RoundLibrary for Seat global;

library RoundLibrary {
    /// @notice Equal answers that decide: more than half of all seats, so that there can be only one.
    function quorum(Round memory round) internal pure returns (uint256) {
        return uint256(round.seats) / 2 + 1;
    }

    function holdsStake(Seat memory seat) internal pure returns (bool) {
        return seat.state == SeatState.Committed || seat.state == SeatState.Revealed;
    }

    function answered(Seat memory seat, bytes28 outputHash) internal pure returns (bool) {
        return seat.state == SeatState.Revealed && seat.kept == outputHash;
    }
}
