// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Level} from "./Level.sol";

/// @notice When the consumer is called: as soon as an answer is posted (it may be revoked later, which is a second
/// call), or once it is final.
enum CallbackAt {
    Executed,
    Final
}

/// @notice What a requester asks for.
struct Request {
    bytes32 versionId;
    Level level;
    CallbackAt callbackAt;
    /// Exact gas of the call to the requester's `onInference`; 0 for no callback.
    uint32 callbackGas;
    /// Fee in wei while the drawn worker has priority; it then ramps to `maxFee` at the deadline.
    uint96 minFee;
    uint96 maxFee;
    /// Seconds within which somebody must answer.
    uint32 timeToLive;
    /// Seconds in which a `Vanilla` answer can be challenged; at least the deployment's minimum, 0 for just that.
    uint32 challengeWindow;
    /// Distinct workers that answer: 1 in this version of the market.
    uint8 copies;
}

/// @notice One paid inference. Callers supply it again at every step; the chain stores only the status under its id,
/// `jobId = keccak256(abi.encode(chainid, market, job))`.
struct Job {
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
    uint64 requestBlock;
    /// Length of the list of serving workers at the request; the draw is among these.
    uint32 candidates;
    /// Most that a drawn worker may ask per work unit, so that the least fee covers it.
    uint80 maxPrice;
    /// Facts of the version, noted so that they need not be looked up at every step.
    uint96 royalty;
    uint32 outputBytes;
    bool textOutput;
    /// Makes the id unique; counted for each requester.
    uint64 nonce;
}

using JobLibrary for Job global;

library JobLibrary {
    uint256 private constant JOB_BYTES = 20 * 32;

    /// @notice The job's id in this market on this chain. A job with dirty upper bits has another id than any request.
    function id(Job calldata job) internal view returns (bytes32 jobId) {
        // All fields are static, so calldata is what abi.encode would give.
        assembly ("memory-safe") {
            let encoded := mload(0x40)
            mstore(encoded, chainid())
            mstore(add(encoded, 32), address())
            calldatacopy(add(encoded, 64), job, JOB_BYTES)
            jobId := keccak256(encoded, add(64, JOB_BYTES))
        }
    }

    /// @notice The same for a job in memory, whose fields are words there, too.
    function idInMemory(Job memory job) internal view returns (bytes32 jobId) {
        assembly ("memory-safe") {
            let encoded := mload(0x40)
            mstore(encoded, chainid())
            mstore(add(encoded, 32), address())
            mcopy(add(encoded, 64), job, JOB_BYTES)
            jobId := keccak256(encoded, add(64, JOB_BYTES))
        }
    }

    /// @notice What acting at `time` is paid: the least fee in the priority window, then a ramp, rounded down, to the
    /// highest at the deadline.
    function feeAt(Job calldata job, uint256 priorityWindow, uint256 time) internal pure returns (uint256) {
        uint256 start = uint256(job.requestedAt) + priorityWindow;
        if (time <= start) return job.minFee;
        if (time >= job.deadline) return job.maxFee;
        return job.minFee + (uint256(job.maxFee - job.minFee) * (time - start)) / (job.deadline - start);
    }

    /// @notice Whether an output of that many bytes can be the version's.
    function fits(Job calldata job, uint256 outputBytes) internal pure returns (bool) {
        return outputBytes == job.outputBytes || (job.textOutput && outputBytes < job.outputBytes);
    }
}

/// @notice `None`: never requested. `Requested`, `Claimed`, `Executed` and `Challenged` have an exit that anyone may
/// take after a deadline. `Settled` and `Refunded` are final.
enum JobState {
    None,
    Requested,
    Claimed,
    Executed,
    Challenged,
    Settled,
    Refunded
}

/// @notice All that is stored of a job: one slot.
struct JobStatus {
    JobState state;
    /// The answer was given to the consumer before it was final: a refund must revoke it.
    bool answeredEarly;
    /// A callback failed and may be retried by anyone.
    bool callbackOwed;
    /// Who is bound to the job; 0 for nobody.
    uint24 workerId;
    /// When the present state can be ended by anyone, in seconds.
    uint32 dueAt;
    /// The first 22 bytes of keccak256(output): 88 bits of collision resistance.
    bytes22 outputHash;
}

using JobStatusLibrary for JobStatus global;

library JobStatusLibrary {
    /// @dev From the highest bit: output hash 176, due 32, worker 24, owed 8, early 8, state 8.
    function pack(JobStatus memory status) internal pure returns (uint256 packed) {
        packed = uint256(bytes32(status.outputHash)) | (uint256(status.dueAt) << 48) | (uint256(status.workerId) << 24);
        if (status.callbackOwed) packed |= 1 << 16;
        if (status.answeredEarly) packed |= 1 << 8;
        packed |= uint256(status.state);
    }

    function unpack(uint256 packed) internal pure returns (JobStatus memory status) {
        status.outputHash = bytes22(bytes32(packed));
        status.dueAt = uint32(packed >> 48);
        status.workerId = uint24(packed >> 24);
        status.callbackOwed = (packed >> 16) & 1 == 1;
        status.answeredEarly = (packed >> 8) & 1 == 1;
        status.state = JobState(uint8(packed));
    }

    function keepOutput(JobStatus memory status, bytes calldata output) internal pure {
        status.outputHash = bytes22(keccak256(output));
    }

    function keeps(JobStatus memory status, bytes calldata output) internal pure returns (bool) {
        return status.outputHash == bytes22(keccak256(output));
    }
}

/// @notice A challenge; its slot exists only while the job is challenged.
struct Challenge {
    address challenger;
    uint96 fee;
}
