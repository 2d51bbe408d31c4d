// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice The workers of one version and level. Places are only ever appended, so that a job which noted the length
/// at its request still finds the same places. A place whose worker left holds 0 until that worker comes back to it.
struct CandidateList {
    uint32 length;
    uint32 serving;
    /// Ten ids of 24 bits to a word.
    mapping(uint256 word => uint256) ids;
}

using Candidates for CandidateList global;

/// @title Joining, leaving and looking up in constant gas, whatever the number of workers
library Candidates {
    uint256 private constant IDS_PER_WORD = 10;
    uint256 private constant ID_BITS = 24;
    uint256 private constant ID_MASK = (1 << ID_BITS) - 1;

    /// @notice Appends a place for the worker.
    function append(CandidateList storage list, uint24 workerId) internal returns (uint32 place) {
        place = list.length;
        list.length = place + 1;
        fill(list, place, workerId);
    }

    /// @notice Puts a worker back to the place that was appended for it.
    function fill(CandidateList storage list, uint32 place, uint24 workerId) internal {
        ++list.serving;
        list.ids[place / IDS_PER_WORD] |= uint256(workerId) << _shift(place);
    }

    function clear(CandidateList storage list, uint32 place) internal {
        --list.serving;
        list.ids[place / IDS_PER_WORD] &= ~(ID_MASK << _shift(place));
    }

    /// @notice Id at a place; 0 for a gap and beyond the end.
    function idAt(CandidateList storage list, uint256 place) internal view returns (uint24) {
        return uint24(list.ids[place / IDS_PER_WORD] >> _shift(place));
    }

    function _shift(uint256 place) private pure returns (uint256) {
        return (place % IDS_PER_WORD) * ID_BITS;
    }
}
