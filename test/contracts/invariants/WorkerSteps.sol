// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {LevelSet} from "../../../contracts/types/Level.sol";
import {CHEATS} from "./Cheats.sol";
import {Walk} from "./Walk.sol";

/// @dev What workers do with their stake and their service.
abstract contract WorkerSteps is Walk {
    uint256 internal _earningsOut;

    function join(uint256 seed) external step(seed) {
        seed = _mix(seed);
        if (_keys.length < MOST_WORKERS) _join(LEAST_STAKE + (seed % 2 ether), uint80((seed >> 64) % 1e14));
    }

    function addStake(uint256 seed) external step(seed) {
        seed = _mix(seed);
        // Who lies needs more.
        uint256 index = seed % 3 == 0 ? 0 : _anyWorker(seed >> 8);
        uint256 amount = (seed >> 16) % 2 ether;
        CHEATS.prank(_operators[index]);
        workers.addStake{value: _value(amount)}(uint24(index + 1), amount);
        _stakedIn += amount;
        _serveAll(index);
    }

    function startUnbonding(uint256 seed) external step(seed) {
        seed = _mix(seed);
        uint256 index = _anyWorker(seed);
        uint256 stake = workers.workerOf(uint24(index + 1)).stake;
        uint256 amount = (seed >> 8) % 8 == 0 ? stake : (seed >> 16) % (stake / 4 + 2);
        CHEATS.prank(_operators[index]);
        try workers.startUnbonding(uint24(index + 1), uint80(amount)) {} catch {}
    }

    function withdrawStake(uint256 seed) external step(seed) {
        seed = _mix(seed);
        for (uint256 i = 0; i < _keys.length; ++i) _withdrawStake((seed + i) % _keys.length);
    }

    function serve(uint256 seed) external step(seed) {
        seed = _mix(seed);
        uint256 index = _anyWorker(seed);
        if (seed % 4 != 0) return _serveAll(index);
        CHEATS.prank(_keys[index]);
        try workers.serve(uint24(index + 1), _versions[seed % 3], LevelSet.wrap(uint8((seed >> 8) % 8))) {} catch {}
    }

    function drain(uint256 seed) external step(seed) {
        seed = _mix(seed);
        uint256 index = _anyWorker(seed);
        CHEATS.prank(_operators[index]);
        workers.setDraining(uint24(index + 1), seed % 8 == 0);
    }

    function price(uint256 seed) external step(seed) {
        seed = _mix(seed);
        uint256 index = _anyWorker(seed);
        CHEATS.prank(_operators[index]);
        workers.setPrice(uint24(index + 1), seed % 8 == 0 ? type(uint80).max : uint80((seed >> 8) % 1e15));
    }

    function changeKey(uint256 seed) external step(seed) {
        seed = _mix(seed);
        if (seed % 4 != 0) return;
        uint256 index = _anyWorker(seed >> 8);
        address key = _makeKey(index);
        CHEATS.prank(_operators[index]);
        workers.setKey(uint24(index + 1), key);
    }

    function withdrawEarnings(uint256 seed) external step(seed) {
        seed = _mix(seed);
        _withdrawEarnings(_anyWorker(seed));
    }

    function returnToDraws(uint256 seed) external step(seed) {
        seed = _mix(seed);
        for (uint256 i = 0; i < _keys.length; ++i) {
            CHEATS.prank(seed % 2 == 0 ? _operators[i] : _keys[i]);
            try market.returnToDraws(uint24(i + 1)) {
                _reach("returned to draws");
            } catch {}
        }
    }

    function _withdrawStake(uint256 index) internal {
        uint256 amount = workers.workerOf(uint24(index + 1)).unbonding;
        address operator = _operators[index];
        CHEATS.prank(operator);
        try workers.withdrawStake(uint24(index + 1), payable(operator)) {
            _stakedOut += amount;
            _reach("stake withdrawn");
        } catch {}
    }

    function _withdrawEarnings(uint256 index) internal {
        address operator = _operators[index];
        uint256 had = _wallet(operator);
        uint256 earned = market.standingOf(uint24(index + 1)).earned;
        CHEATS.prank(operator);
        market.withdrawEarnings(uint24(index + 1), payable(operator));
        require(_wallet(operator) == had + earned, "earnings did not arrive");
        _earningsOut += earned;
    }

    function _serveAll(uint256 index) private {
        for (uint256 i = 0; i < 3; ++i) {
            CHEATS.prank(_keys[index]);
            try
                workers.serve(
                    uint24(index + 1),
                    _versions[i],
                    LevelSet.wrap(
                        i == 2
                            ? 7
                            : i == 1
                                ? 3
                                : 1
                    )
                )
            {} catch {}
        }
    }
}
