// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice What the market knows of a worker: one slot. Counters stop at their highest value.
struct Standing {
    /// Fees and bonds that its operator may withdraw.
    uint96 earned;
    /// Stake that open jobs, copies and panels hold.
    uint80 bound;
    /// Jobs and panels that it did well.
    uint32 done;
    /// Turns that it let pass while somebody else did the job.
    uint16 late;
    /// Times that it lost stake.
    uint16 slashed;
    /// Turns that it let pass since its last job.
    uint8 misses;
    /// Not drawn until it says that it is back.
    bool suspended;
}

using StandingLibrary for Standing global;

library StandingLibrary {
    uint256 private constant LATE_SLASHED_AND_SUSPENDED = 0xffffffff00ff;

    /// @dev From the highest bit: earned 96, bound 80, done 32, late 16, slashed 16, misses 8, suspended 8.
    function pack(Standing memory standing) internal pure returns (uint256) {
        return
            (uint256(standing.earned) << 160) |
            (uint256(standing.bound) << 80) |
            (uint256(standing.done) << 48) |
            (uint256(standing.late) << 32) |
            (uint256(standing.slashed) << 16) |
            (uint256(standing.misses) << 8) |
            (standing.suspended ? 1 : 0);
    }

    function unpack(uint256 packed) internal pure returns (Standing memory standing) {
        standing.earned = uint96(packed >> 160);
        standing.bound = uint80(packed >> 80);
        standing.done = uint32(packed >> 48);
        standing.late = uint16(packed >> 32);
        standing.slashed = uint16(packed >> 16);
        standing.misses = uint8(packed >> 8);
        standing.suspended = packed & 1 == 1;
    }

    /// @notice Not suspended, and with `free` stake enough for what it has bound and `needed` besides.
    function mayBind(uint256 packed, uint256 free, uint256 needed) internal pure returns (bool) {
        return packed & 1 == 0 && free >= boundIn(packed) + needed;
    }

    function boundIn(uint256 packed) internal pure returns (uint256) {
        return uint80(packed >> 80);
    }

    /// @dev `amount` must fit beside what is bound.
    function bindMore(uint256 packed, uint256 amount) internal pure returns (uint256) {
        return packed + (amount << 80);
    }

    function earnedIn(uint256 packed) internal pure returns (uint256) {
        return packed >> 160;
    }

    function withoutEarnings(uint256 packed) internal pure returns (uint256) {
        return uint160(packed);
    }

    /// @notice A job or panel ended well: `amount` is earned, `held` is bound no more, misses before it are forgiven.
    /// @dev `amount` must fit beside what was earned. Reverts if less than `held` is bound.
    function reward(uint256 packed, uint256 amount, uint256 held) internal pure returns (uint256) {
        uint256 done = uint32(packed >> 48);
        if (done != type(uint32).max) ++done;
        return
            ((earnedIn(packed) + amount) << 160) |
            ((boundIn(packed) - held) << 80) |
            (done << 48) |
            (packed & LATE_SLASHED_AND_SUSPENDED);
    }

    /// @notice Somebody else took its turn. True if that suspends the worker.
    function countMiss(Standing memory standing, uint256 limit) internal pure returns (bool) {
        if (standing.late != type(uint16).max) ++standing.late;
        if (standing.suspended) return false;
        // The limit is at most 255 and suspends, so this cannot overflow.
        ++standing.misses;
        standing.suspended = standing.misses >= limit;
        return standing.suspended;
    }

    function countSlash(Standing memory standing) internal pure {
        if (standing.slashed != type(uint16).max) ++standing.slashed;
    }
}
