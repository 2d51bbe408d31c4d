// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Level} from "./Level.sol";

/// @notice When the consumer is called: as soon as an answer is posted (it may be revoked later, which is a second
/// call), or once it is final.
enum CallbackAt {
    Executed,
    Final
}

/// @notice What a requester asks for. Amounts are in the settlement currency's smallest unit.
struct Request {
    bytes32 versionId;
    Level level;
    CallbackAt callbackAt;
    /// Exact gas of the call to the asking contract's `onInference`; 0 for no callback.
    uint32 callbackGas;
    /// Fee while the drawn workers have priority; it then ramps to `maxFee` at the deadline. All copies together.
    uint96 minFee;
    uint96 maxFee;
    /// Seconds within which somebody must answer.
    uint32 timeToLive;
    /// Seconds in which a `Vanilla` answer can be challenged; at least the deployment's minimum, 0 for just that.
    uint32 challengeWindow;
    /// Distinct workers that answer. More than 1 at `Vanilla` only: they commit, reveal, and the majority is the answer.
    uint8 copies;
}

/// @notice One paid inference, packed because callers supply it again at every step; `JobLibrary` reads it and
/// `describe` of the market unpacks it. The chain stores only the status under its id,
/// `jobId = keccak256(abi.encode(chainid, market, job))`.
struct Job {
    bytes32 versionId;
    bytes32 inputHash;
    /// From the highest bit: requester 160, minFee 96.
    uint256 requesterAndMinFee;
    /// consumer 160, maxFee 96.
    uint256 consumerAndMaxFee;
    /// royalty 96, maxPrice 80, requestBlock 48, candidates 32.
    uint256 drawTerms;
    /// requestedAt 40, timeToLive 32, challengeWindow 32, callbackGas 32, outputBytes 32, nonce 64, feeBasisPoints 16,
    /// level 2, copies 4, callbackAt 1, textOutput 1.
    uint256 schedule;
}

/// @notice A job, unpacked.
struct JobDescription {
    bytes32 versionId;
    bytes32 inputHash;
    /// Pays, and gets back what is not spent.
    address requester;
    /// Called back; zero for nobody.
    address consumer;
    Level level;
    CallbackAt callbackAt;
    uint32 callbackGas;
    uint96 minFee;
    uint96 maxFee;
    uint40 requestedAt;
    uint40 deadline;
    uint32 challengeWindow;
    uint8 copies;
    /// Its hash seeds the draw: unknown inside the requesting transaction.
    uint48 requestBlock;
    /// Length of the list of tickets at the request; the draw is among these.
    uint32 candidates;
    /// Most that a drawn worker may ask per work unit, so that the least fee covers it.
    uint80 maxPrice;
    /// Facts of the version, noted so that they need not be looked up at every step.
    uint96 royalty;
    uint32 outputBytes;
    bool textOutput;
    /// The protocol's share of the fee, as it was at the request.
    uint16 feeBasisPoints;
    /// Makes the id unique; counted for each requester.
    uint64 nonce;
}

using JobLibrary for Job global;

library JobLibrary {
    uint256 internal constant JOB_BYTES = 6 * 32;

    /// @notice The job's id in this market on this chain.
    function id(Job calldata job) internal view returns (bytes32 jobId) {
        // All fields are words, so calldata is what abi.encode would give.
        assembly ("memory-safe") {
            let encoded := mload(0x40)
            mstore(encoded, chainid())
            mstore(add(encoded, 32), address())
            calldatacopy(add(encoded, 64), job, JOB_BYTES)
            jobId := keccak256(encoded, add(64, JOB_BYTES))
        }
    }

    /// @notice The same for a job in memory.
    function idInMemory(Job memory job) internal view returns (bytes32 jobId) {
        assembly ("memory-safe") {
            let encoded := mload(0x40)
            mstore(encoded, chainid())
            mstore(add(encoded, 32), address())
            mcopy(add(encoded, 64), job, JOB_BYTES)
            jobId := keccak256(encoded, add(64, JOB_BYTES))
        }
    }

    function pack(JobDescription memory terms) internal pure returns (Job memory job) {
        job.versionId = terms.versionId;
        job.inputHash = terms.inputHash;
        job.requesterAndMinFee = packParty(terms.requester, terms.minFee);
        job.consumerAndMaxFee = packParty(terms.consumer, terms.maxFee);
        job.drawTerms = packDrawTerms(terms.royalty, terms.maxPrice, terms.requestBlock, terms.candidates);
        job.schedule =
            packTimes(
                terms.requestedAt,
                uint32(terms.deadline - terms.requestedAt),
                terms.challengeWindow,
                terms.callbackGas
            ) |
            (uint256(terms.outputBytes) << 88) |
            (uint256(terms.nonce) << 24) |
            (uint256(terms.feeBasisPoints) << 8) |
            packKind(terms.level, terms.copies, terms.callbackAt, terms.textOutput);
    }

    function packParty(address party, uint96 fee) internal pure returns (uint256) {
        return (uint256(uint160(party)) << 96) | fee;
    }

    function packDrawTerms(
        uint96 royalty_,
        uint80 maxPrice_,
        uint48 requestBlock_,
        uint32 candidates_
    ) internal pure returns (uint256) {
        return (uint256(royalty_) << 160) | (uint256(maxPrice_) << 80) | (uint256(requestBlock_) << 32) | candidates_;
    }

    function packTimes(
        uint40 requestedAt_,
        uint32 timeToLive,
        uint32 challengeWindow_,
        uint32 callbackGas_
    ) internal pure returns (uint256) {
        return
            (uint256(requestedAt_) << 216) |
            (uint256(timeToLive) << 184) |
            (uint256(challengeWindow_) << 152) |
            (uint256(callbackGas_) << 120);
    }

    /// @dev Copies are at most 15.
    function packKind(
        Level level_,
        uint8 copies_,
        CallbackAt callbackAt_,
        bool textOutput
    ) internal pure returns (uint256) {
        return
            (uint256(level_) << 6) | (uint256(copies_ & 15) << 2) | (uint256(callbackAt_) << 1) | (textOutput ? 1 : 0);
    }

    function unpack(Job calldata job) internal pure returns (JobDescription memory) {
        return
            JobDescription({
                versionId: job.versionId,
                inputHash: job.inputHash,
                requester: job.requester(),
                consumer: job.consumer(),
                level: job.level(),
                callbackAt: job.callbackAt(),
                callbackGas: job.callbackGas(),
                minFee: job.minFee(),
                maxFee: job.maxFee(),
                requestedAt: job.requestedAt(),
                deadline: job.deadline(),
                challengeWindow: job.challengeWindow(),
                copies: job.copies(),
                requestBlock: job.requestBlock(),
                candidates: job.candidates(),
                maxPrice: job.maxPrice(),
                royalty: job.royalty(),
                outputBytes: job.outputBytes(),
                textOutput: job.schedule & 1 == 1,
                feeBasisPoints: job.feeBasisPoints(),
                nonce: uint64(job.schedule >> 24)
            });
    }

    function requester(Job calldata job) internal pure returns (address) {
        return address(uint160(job.requesterAndMinFee >> 96));
    }

    function minFee(Job calldata job) internal pure returns (uint96) {
        return uint96(job.requesterAndMinFee);
    }

    function consumer(Job calldata job) internal pure returns (address) {
        return address(uint160(job.consumerAndMaxFee >> 96));
    }

    function maxFee(Job calldata job) internal pure returns (uint96) {
        return uint96(job.consumerAndMaxFee);
    }

    function royalty(Job calldata job) internal pure returns (uint96) {
        return uint96(job.drawTerms >> 160);
    }

    function maxPrice(Job calldata job) internal pure returns (uint80) {
        return uint80(job.drawTerms >> 80);
    }

    function requestBlock(Job calldata job) internal pure returns (uint48) {
        return uint48(job.drawTerms >> 32);
    }

    function candidates(Job calldata job) internal pure returns (uint32) {
        return uint32(job.drawTerms);
    }

    function requestedAt(Job calldata job) internal pure returns (uint40) {
        return uint40(job.schedule >> 216);
    }

    function deadline(Job calldata job) internal pure returns (uint40) {
        return job.requestedAt() + uint32(job.schedule >> 184);
    }

    function challengeWindow(Job calldata job) internal pure returns (uint32) {
        return uint32(job.schedule >> 152);
    }

    function callbackGas(Job calldata job) internal pure returns (uint32) {
        return uint32(job.schedule >> 120);
    }

    function outputBytes(Job calldata job) internal pure returns (uint32) {
        return uint32(job.schedule >> 88);
    }

    function level(Job calldata job) internal pure returns (Level) {
        return Level((job.schedule >> 6) & 3);
    }

    function copies(Job calldata job) internal pure returns (uint8) {
        return uint8((job.schedule >> 2) & 15);
    }

    function feeBasisPoints(Job calldata job) internal pure returns (uint16) {
        return uint16(job.schedule >> 8);
    }

    function callbackAt(Job calldata job) internal pure returns (CallbackAt) {
        return CallbackAt((job.schedule >> 1) & 1);
    }

    /// @notice What acting at `time` is paid: the least fee while drawn workers have priority, then a ramp, rounded
    /// down, to the highest at the deadline.
    /// @param priority Seconds of all priority windows together.
    function feeAt(Job calldata job, uint256 priority, uint256 time) internal pure returns (uint256) {
        uint256 start = uint256(job.requestedAt()) + priority;
        uint256 end = job.deadline();
        (uint256 least, uint256 most) = (job.minFee(), job.maxFee());
        if (time <= start) return least;
        if (time >= end) return most;
        return least + ((most - least) * (time - start)) / (end - start);
    }

    /// @notice Whether an output of that many bytes can be the version's.
    function fits(Job calldata job, uint256 bytesOfOutput) internal pure returns (bool) {
        uint256 most = job.outputBytes();
        return bytesOfOutput == most || (job.schedule & 1 == 1 && bytesOfOutput < most);
    }
}
