// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {JobState} from "../../../contracts/types/JobStatus.sol";
import {CHEATS} from "./Cheats.sol";
import {Ledger} from "./Ledger.sol";

/// @dev What all steps share. A step takes a seed instead of arguments, finds something that it fits, and mostly does
/// what makes sense there. What the contracts refuse is undone and forgotten.
abstract contract Walk is Ledger {
    uint256 internal constant MOST_OPEN = 10;

    /// @dev The compiler takes time and block number for constants of a transaction.
    uint256 internal _now = FIRST_SECOND;
    uint256 internal _block = FIRST_BLOCK;
    uint256 private _steps;

    constructor() {
        // What nothing fits stands for.
        _entries.push();
    }

    /// @dev Time goes on a little before most steps, so that some fall in one block.
    modifier step(uint256 seed) {
        uint256 drift = uint256(keccak256(abi.encode(seed, "drift")));
        if (drift % 4 != 0) _pass((drift >> 8) % 3, 1);
        else _pass(0, 0);
        CHEATS.recordLogs();
        _;
        _observe();
    }

    function _pass(uint256 seconds_, uint256 blocks) internal {
        _now += seconds_;
        _block += blocks;
        CHEATS.warp(_now);
        CHEATS.roll(_block);
    }

    /// @dev Seeds of the runner are often small or alike.
    function _mix(uint256 seed) internal returns (uint256) {
        return uint256(keccak256(abi.encode(seed, ++_steps)));
    }

    /// @dev An open job in one of the states (bits), the first from a random place on.
    function _pick(uint256 seed, uint256 states) internal view returns (bool found, Entry storage entry) {
        uint256 count = _open.length;
        entry = _entries[0];
        for (uint256 i = 0; i < count; ++i) {
            entry = _entries[_open[(seed + i) % count]];
            if ((states >> uint256(entry.state)) & 1 == 1) return (true, entry);
        }
    }

    function _bit(JobState state) internal pure returns (uint256) {
        return 1 << uint256(state);
    }

    function _anyWorker(uint256 seed) internal view returns (uint256) {
        return seed % _keys.length;
    }

    /// @dev Worker 0 lies half of the time; all others are honest.
    function _answerOf(uint256 index, uint256 seed) internal pure returns (bytes memory) {
        return index == 0 && seed % 2 == 0 ? WRONG : RIGHT;
    }

    function _indexOf(address key) internal view returns (uint256 index) {
        while (_keys[index] != key) ++index;
    }
}
