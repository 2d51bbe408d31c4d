// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Statement} from "../interfaces/IEvidenceVerifier.sol";
import {Answer, IJobs, ProvenAnswer} from "../interfaces/IJobs.sol";
import {Job} from "../types/Job.sol";
import {VersionTerms} from "../types/Version.sol";
import {Steps} from "./Steps.sol";

/// @title Many jobs in one transaction
/// @notice The market calls itself for each item, so that whatever goes wrong there undoes that item alone.
abstract contract Batches is IJobs, Steps {
    modifier onlySelf() {
        if (msg.sender != address(this)) revert NotSelf(msg.sender);
        _;
    }

    /// @inheritdoc IJobs
    function executeBatch(Answer[] calldata answers) external override returns (bytes4[] memory codes) {
        codes = new bytes4[](answers.length);
        for (uint256 i = 0; i < answers.length; ++i) {
            try this.executeItem(answers[i].job, answers[i].output, msg.sender) {} catch (bytes memory reason) {
                codes[i] = _tell(i, reason);
            }
        }
    }

    /// @inheritdoc IJobs
    function settleBatch(Answer[] calldata answers) external override returns (bytes4[] memory codes) {
        codes = new bytes4[](answers.length);
        for (uint256 i = 0; i < answers.length; ++i) {
            try this.settle(answers[i].job, answers[i].output) {} catch (bytes memory reason) {
                codes[i] = _tell(i, reason);
            }
        }
    }

    /// @inheritdoc IJobs
    function fulfillBatch(ProvenAnswer[] calldata answers) external override returns (bytes4[] memory codes) {
        codes = new bytes4[](answers.length);
        uint256 end = 0;
        bool isProven = false;
        for (uint256 i = 0; i < answers.length; ++i) {
            if (i == end) (end, isProven) = _proveTogether(answers, i);
            ProvenAnswer calldata answer = answers[i];
            try this.fulfillItem(answer.job, answer.output, answer.evidence, msg.sender, isProven) {} catch (
                bytes memory reason
            ) {
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

    /// @notice Checks proofs for the items from `start` to `end`, which are of one version, at once. Only the market calls
    /// this. What it checks is just what each item would check for itself, and nothing in that depends on a job's state.
    /// @return proven False if the version has no key, or evidence of another kind decides one of the jobs.
    function proveItems(
        ProvenAnswer[] calldata answers,
        uint256 start,
        uint256 end,
        address key
    ) external view onlySelf returns (bool proven) {
        VersionTerms memory facts = MODELS.terms(answers[start].job.versionId);
        if (facts.verificationKey == address(0)) return false;
        Statement[] memory statements = new Statement[](end - start);
        bytes[] memory evidence = new bytes[](end - start);
        for (uint256 i = start; i < end; ++i) {
            ProvenAnswer calldata answer = answers[i];
            if (!_isByProof(answer.job, facts)) return false;
            statements[i - start] = _statement(answer.job.id(), answer.job, facts, answer.output, key);
            evidence[i - start] = answer.evidence;
        }
        ZKML_VERIFIER.verifyAll(statements, evidence);
        return true;
    }

    function _tell(uint256 index, bytes memory reason) private returns (bytes4 code) {
        code = bytes4(reason);
        if (code == 0) code = FailedWithoutReason.selector;
        emit BatchItemFailed(index, code);
    }

    /// @dev Checks the evidence of the items from `start` that are of one version, if there are several.
    /// @return end Where these items end.
    function _proveTogether(
        ProvenAnswer[] calldata answers,
        uint256 start
    ) private view returns (uint256 end, bool isProven) {
        bytes32 versionId = answers[start].job.versionId;
        end = start + 1;
        while (end < answers.length && answers[end].job.versionId == versionId) ++end;
        if (end - start == 1) return (end, false);
        try this.proveItems(answers, start, end, msg.sender) returns (bool proven) {
            isProven = proven;
        } catch {
            isProven = false;
        }
    }
}
