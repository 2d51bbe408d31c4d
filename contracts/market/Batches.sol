// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Statement} from "../interfaces/IEvidenceVerifier.sol";
import {Answer, IJobs, ProvenAnswer} from "../interfaces/IJobs.sol";
import {Job} from "../types/Job.sol";
import {Level} from "../types/Level.sol";
import {VersionTerms} from "../types/Version.sol";
import {Steps} from "./Steps.sol";

/// @title Many jobs in one transaction
/// @notice The market calls itself for each item, so that whatever goes wrong there undoes that item alone. Each item is
/// guarded against re-entry; a batch is refused during a callback, so that its events cannot pass for those of another.
abstract contract Batches is IJobs, Steps {
    modifier onlySelf() {
        if (msg.sender != address(this)) revert NotSelf(msg.sender);
        _;
    }

    /// @inheritdoc IJobs
    function executeBatch(
        Answer[] calldata answers
    ) external override nonReentrantView returns (bytes4[] memory codes) {
        codes = new bytes4[](answers.length);
        for (uint256 i = 0; i < answers.length; ++i) {
            try this.executeItem(answers[i].job, answers[i].output, msg.sender) {
                continue;
            } catch (bytes memory reason) {
                codes[i] = _tell(i, reason);
            }
        }
    }

    /// @inheritdoc IJobs
    function settleBatch(Answer[] calldata answers) external override nonReentrantView returns (bytes4[] memory codes) {
        codes = new bytes4[](answers.length);
        for (uint256 i = 0; i < answers.length; ++i) {
            try this.settle(answers[i].job, answers[i].output) {
                continue;
            } catch (bytes memory reason) {
                codes[i] = _tell(i, reason);
            }
        }
    }

    /// @inheritdoc IJobs
    function fulfillBatch(
        ProvenAnswer[] calldata answers
    ) external override nonReentrantView returns (bytes4[] memory codes) {
        codes = new bytes4[](answers.length);
        uint256 end = 0;
        bool isProven = false;
        for (uint256 i = 0; i < answers.length; ++i) {
            if (i == end) (end, isProven) = _proveTogether(answers, i);
            ProvenAnswer calldata answer = answers[i];
            // Evidence that was checked need not be passed on.
            bytes calldata evidence = isProven ? answer.evidence[:0] : answer.evidence;
            try this.fulfillItem(answer.job, answer.output, evidence, msg.sender, isProven) {
                continue;
            } catch (bytes memory reason) {
                codes[i] = _tell(i, reason);
            }
        }
    }

    /// @notice One item of `executeBatch`. Only the market calls this.
    function executeItem(Job calldata job, bytes calldata output, address key) external onlySelf {
        _execute(job, output, key);
    }

    /// @notice One item of `fulfillBatch`. Only the market calls this.
    function fulfillItem(
        Job calldata job,
        bytes calldata output,
        bytes calldata evidence,
        address key,
        bool isProven
    ) external onlySelf {
        // The shares of several copies are divided elsewhere.
        if (job.copies() != 1) revert CopiesNeedCommitment(job.id());
        _fulfill(job, output, evidence, key, isProven);
    }

    function _tell(uint256 index, bytes memory reason) private returns (bytes4 code) {
        code = bytes4(reason);
        if (code == 0) code = FailedWithoutReason.selector;
        emit BatchItemFailed(index, code);
    }

    /// @dev Checks at once the evidence of the items from `start` that are of one version and that proofs decide, if there
    /// are several. What it checks is just what each would check for itself, and nothing in that depends on a job's
    /// state. Only jobs that were asked for are looked at: their words make sense, so that reading them cannot fail.
    /// @return end Where these items end.
    function _proveTogether(
        ProvenAnswer[] calldata answers,
        uint256 start
    ) private view returns (uint256 end, bool isProven) {
        Job calldata first = answers[start].job;
        bytes32 versionId = first.versionId;
        end = start + 1;
        if (end == answers.length || answers[end].job.versionId != versionId) return (end, false);
        if (_statuses[first.id()] == 0 || first.level() == Level.Tee) return (end, false);

        VersionTerms memory facts = MODELS.terms(versionId);
        Statement[] memory statements = _roomFor(answers.length - start);
        bytes[] memory evidence = new bytes[](answers.length - start);
        uint256 count = 0;
        for (; start + count < answers.length; ++count) {
            ProvenAnswer calldata answer = answers[start + count];
            if (answer.job.versionId != versionId) break;
            bytes32 jobId = answer.job.id();
            if (_statuses[jobId] == 0 || !_isByProof(answer.job, facts)) break;
            statements[count] = _statement(jobId, answer.job, facts, answer.output, msg.sender);
            evidence[count] = answer.evidence;
        }
        if (count < 2) return (end, false);

        assembly ("memory-safe") {
            mstore(statements, count)
            mstore(evidence, count)
        }
        end = start + count;
        try ZKML_VERIFIER.verifyAll(statements, evidence) {
            isProven = true;
        } catch {
            isProven = false;
        }
    }

    /// @dev Without the empty statements that `new` would make, as each is set before it is read.
    function _roomFor(uint256 count) private pure returns (Statement[] memory statements) {
        assembly ("memory-safe") {
            statements := mload(0x40)
            mstore(statements, count)
            mstore(0x40, add(statements, shl(5, add(count, 1))))
        }
    }
}
