// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice What is fixed at deployment, in seconds and the currency's smallest unit.
struct MarketParameters {
    /// How long the first drawn worker has a job to itself, and then the second.
    uint32 priorityWindow;
    /// How long evidence may take after a claim, an early answer or a challenge, and a panel's commitments.
    uint32 evidenceWindow;
    /// How long reveals may take.
    uint32 revealWindow;
    uint32 minChallengeWindow;
    uint32 maxChallengeWindow;
    uint32 maxTimeToLive;
    uint32 maxCallbackGas;
    /// Stake that a claim, an early answer or a seat binds, and loses.
    uint80 jobStake;
    uint80 challengeBond;
    /// Turns in a row that a worker may let pass before it is suspended.
    uint8 missLimit;
}

/// @title What is fixed at deployment, and the little that an administrator may set
interface ISettings {
    event PausedChanged(bool paused);
    event ProtocolFeeChanged(uint16 basisPoints, address treasury);

    /// @notice A parameter has a value that it cannot have; `max` is the highest it can.
    error ParameterOutOfRange(string name, uint256 had, uint256 max);

    /// @notice Administrator: stop or allow new requests. Nothing else is ever stopped.
    function setPaused(bool paused) external;

    /// @notice Administrator: protocol fee in basis points of each fee, at most 500, and who gets it, never
    /// nobody. The share counts for jobs that are requested from now on, the treasury at once.
    function setProtocolFee(uint16 basisPoints, address treasury) external;

    function paused() external view returns (bool);

    function protocolFeeBasisPoints() external view returns (uint16);

    function treasury() external view returns (address);

    /// @notice Immutable parameters.
    function parameters() external view returns (MarketParameters memory);
}
