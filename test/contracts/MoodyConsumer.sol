// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {InferenceConsumer} from "../../contracts/InferenceConsumer.sol";
import {IInferenceMarket} from "../../contracts/interfaces/IInferenceMarket.sol";
import {Request} from "../../contracts/types/Job.sol";

/// @dev A consumer that does as it is told when it is called back.
contract MoodyConsumer is InferenceConsumer {
    enum Mood {
        Good,
        Reverts,
        BurnsGas,
        ReturnsBomb,
        RevertsWithBomb,
        ReEnters,
        SelfDestructs,
        AsksAgain,
        Probes
    }

    /// Bytes of a bomb: whoever copied them all would pay for it.
    uint256 private constant BOMB = 200_000;

    Mood public mood;
    bytes public answer;
    bool public isFinal;
    uint256 public gasSeen;
    uint256 public revocations;
    /// What came of the call that a probing consumer made, whichever way it ended.
    bool public probeDone;
    bytes public probeResult;
    Request private _again;
    bytes private _reEntry;

    error InABadMood(uint256 padding);

    constructor(IInferenceMarket market_) payable InferenceConsumer(market_) {}

    function setMood(Mood mood_, bytes calldata reEntry) external {
        mood = mood_;
        _reEntry = reEntry;
    }

    function ask(Request calldata req, bytes calldata input) external payable returns (bytes32 jobId) {
        _again = req;
        return _request(req, input, msg.value);
    }

    function collect(uint256 amount) external {
        _withdraw(amount, payable(msg.sender));
    }

    receive() external payable {}

    function _onAnswer(bytes32, bytes calldata output, bool isFinal_) internal override {
        gasSeen = gasleft();
        _act();
        answer = output;
        isFinal = isFinal_;
    }

    function _onRevocation(bytes32) internal override {
        _act();
        ++revocations;
    }

    function _act() private {
        if (mood == Mood.Reverts) revert InABadMood(7);
        if (mood == Mood.BurnsGas) while (true) gasSeen = gasleft();
        if (mood == Mood.ReturnsBomb) {
            assembly {
                return(0, BOMB)
            }
        }
        if (mood == Mood.RevertsWithBomb) {
            assembly {
                revert(0, BOMB)
            }
        }
        if (mood == Mood.ReEnters) {
            (bool done, bytes memory reason) = address(market).call(_reEntry);
            if (!done) {
                assembly {
                    revert(add(reason, 32), mload(reason))
                }
            }
        }
        if (mood == Mood.Probes) (probeDone, probeResult) = address(market).call(_reEntry);
        if (mood == Mood.SelfDestructs) selfdestruct(payable(address(0xdEaD)));
        if (mood == Mood.AsksAgain) {
            mood = Mood.Good;
            _request(_again, hex"03", 0);
        }
    }
}
