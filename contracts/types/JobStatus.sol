// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice `None`: never requested. `Settled` and `Refunded` are final. Every other state has an exit that anyone may
/// take after a deadline. `Copying`: several workers commit and reveal their answers.
enum JobState {
    None,
    Requested,
    Claimed,
    Copying,
    Executed,
    Challenged,
    Settled,
    Refunded
}

/// @notice All that is stored of a job with one copy: one slot.
struct JobStatus {
    JobState state;
    /// The answer was given to the consumer before it was final: a refund must revoke it.
    bool answeredEarly;
    /// A callback failed and may be retried by anyone.
    bool callbackOwed;
    /// Who is bound to the job; 0 for nobody, and for a job with several copies.
    uint24 workerId;
    /// When the present state can be ended by anyone, in seconds.
    uint32 dueAt;
    /// The first 22 bytes of keccak256(output): 88 bits of collision resistance.
    bytes22 outputHash;
}

/// @notice A demand for evidence; its slot exists only while the job is challenged. The challenger is zero if copies
/// disagreed.
struct Challenge {
    address challenger;
    uint96 fee;
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

    /// @notice The status of a job that was just requested.
    function packRequested(uint32 dueAt) internal pure returns (uint256) {
        return (uint256(dueAt) << 48) | uint256(JobState.Requested);
    }

    /// @dev Into what is there already: a struct that is returned is written twice.
    function unpack(JobStatus memory status, uint256 packed) internal pure {
        status.outputHash = bytes22(bytes32(packed));
        status.dueAt = uint32(packed >> 48);
        status.workerId = uint24(packed >> 24);
        status.callbackOwed = (packed >> 16) & 1 == 1;
        status.answeredEarly = (packed >> 8) & 1 == 1;
        status.state = JobState(uint8(packed));
    }

    function keepOutput(JobStatus memory status, bytes32 outputHash) internal pure {
        status.outputHash = bytes22(outputHash);
    }

    function keeps(JobStatus memory status, bytes32 outputHash) internal pure returns (bool) {
        return status.outputHash == bytes22(outputHash);
    }
}
