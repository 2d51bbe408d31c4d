// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {CHEATS} from "./Cheats.sol";
import {Deployment} from "./Deployment.sol";
import {InvariantTest} from "./InvariantTest.sol";
import {Leaving} from "./Leaving.sol";

/// @dev A whole deployment, everybody in it, and all that they do. It is in this file because the runner finds handlers
/// only there.
contract MarketWalk is Leaving {
    constructor(bool isNative) Deployment(isNative) {}
}

/// @dev Whatever anybody does in whatever order, the money adds up, nobody loses what it should not, and in the end
/// everybody can leave with what is theirs.
abstract contract MarketInvariants is InvariantTest {
    uint256 private constant MOST_STEPS = 20_000;
    bool private immutable IS_NATIVE;

    MarketWalk private _walk;

    constructor(bool isNative) {
        IS_NATIVE = isNative;
    }

    function setUp() public {
        // Not with `new`, which would compile it into each of the tests.
        bytes memory creation = bytes.concat(CHEATS.getCode("Market.t.sol:MarketWalk"), abi.encode(IS_NATIVE));
        address walk;
        assembly ("memory-safe") {
            walk := create(0, add(creation, 32), mload(creation))
        }
        _walk = MarketWalk(walk);
        _target(address(_walk), _steps());
    }

    function invariant_TheBooksAreRight() public view {
        _walk.checkSolvency();
        _walk.checkStake();
        _walk.checkShares();
    }

    function afterInvariant() public {
        _walk.checkEnds();
        _walk.leaveAll();
        _walk.checkShares();
        _walk.checkEnds();
    }

    /// @dev The invariants mean something only if walks get to every kind of end.
    function test_AWalkReachesEveryKindOfEnd() public {
        bytes4[] memory steps = _steps();
        uint256 seed = 1;
        for (uint256 i = 0; i < MOST_STEPS; ++i) {
            if (i % 1000 == 0 && bytes(_missed()).length == 0) break;
            seed = uint256(keccak256(abi.encode(seed)));
            (bool done, bytes memory reason) = address(_walk).call(
                abi.encodeWithSelector(steps[seed % steps.length], seed >> 8)
            );
            if (!done) {
                assembly ("memory-safe") {
                    revert(add(reason, 32), mload(reason))
                }
            }
        }
        invariant_TheBooksAreRight();
        string memory missed = _missed();
        require(bytes(missed).length == 0, string.concat("never reached", missed));
        afterInvariant();
    }

    /// @dev What leads on is listed more than once, so that it happens more often.
    function _steps() private view returns (bytes4[] memory steps) {
        steps = new bytes4[](46);
        uint256 count = 0;
        bytes4[31] memory all = [
            _walk.request.selector,
            _walk.ask.selector,
            _walk.requestFrom.selector,
            _walk.requestSigned.selector,
            _walk.act.selector,
            _walk.prove.selector,
            _walk.executeClaimed.selector,
            _walk.forge.selector,
            _walk.executeBatch.selector,
            _walk.fulfillBatch.selector,
            _walk.settleBatch.selector,
            _walk.copy.selector,
            _walk.challenge.selector,
            _walk.judge.selector,
            _walk.end.selector,
            _walk.retryCallback.selector,
            _walk.join.selector,
            _walk.addStake.selector,
            _walk.startUnbonding.selector,
            _walk.withdrawStake.selector,
            _walk.serve.selector,
            _walk.drain.selector,
            _walk.price.selector,
            _walk.changeKey.selector,
            _walk.withdrawEarnings.selector,
            _walk.returnToDraws.selector,
            _walk.deposit.selector,
            _walk.withdraw.selector,
            _walk.allow.selector,
            _walk.setProtocolFee.selector,
            _walk.pause.selector
        ];
        for (; count < all.length; ++count) steps[count] = all[count];
        steps[count++] = _walk.changeMood.selector;
        steps[count++] = _walk.wait.selector;
        steps[count++] = _walk.pay.selector;
        steps[count++] = _walk.anchor.selector;
        steps[count++] = _walk.tendAnchor.selector;
        steps[count++] = _walk.act.selector;
        steps[count++] = _walk.copy.selector;
        steps[count++] = _walk.judge.selector;
        steps[count++] = _walk.challenge.selector;
        steps[count++] = _walk.copy.selector;
        steps[count++] = _walk.judge.selector;
        steps[count++] = _walk.wait.selector;
        steps[count++] = _walk.addStake.selector;
        steps[count++] = _walk.end.selector;
        steps[count++] = _walk.request.selector;
    }

    function _missed() private view returns (string memory missed) {
        string[43] memory ends = _ends();
        for (uint256 i = 0; i < ends.length; ++i) {
            if (_walk.reached(ends[i]) == 0) missed = string.concat(missed, ", ", ends[i]);
        }
    }

    function _ends() private pure returns (string[43] memory) {
        return
            [
                "requested",
                "asked by a consumer",
                "requested from an allowance",
                "requested by a signature",
                "executed",
                "claimed",
                "executed in a batch",
                "fulfilled in a batch",
                "settled in a batch",
                "settled unchallenged",
                "copies settled",
                "settled by an enclave",
                "settled by a proof",
                "upheld by a panel",
                "copies upheld by a panel",
                "overturned by a panel",
                "left open by a panel",
                "challenged",
                "challenge met with evidence",
                "copies met with evidence",
                "challenge without evidence",
                "claim without evidence",
                "early answer without evidence",
                "refunded unanswered",
                "refunded with too few copies",
                "disagreement refunded",
                "disagreement ended by evidence",
                "disagreement without evidence",
                "seat lost by an answer",
                "seat lost by silence",
                "reveals opened late",
                "callback retried",
                "callback failed again",
                "returned to draws",
                "stake withdrawn",
                "voucher collected",
                "channel finished",
                "channel closed",
                "anchored",
                "receipt challenged",
                "receipt shown",
                "anchor slashed",
                "anchor released"
            ];
    }
}

contract MarketInNativeCoinTest is MarketInvariants(true) {}

contract MarketInTokensTest is MarketInvariants(false) {}
