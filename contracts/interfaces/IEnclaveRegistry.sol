// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice An enrolled enclave key.
struct Enclave {
    // slot 0
    address worker;
    uint40 enrolledAt;
    uint40 expiresAt;
    bool simulated;
    // slot 1
    bytes32 measurement;
}

/// @title Enclaves that proved which code they run and which key they hold
/// @notice The quote's report data must start with `reportData(enclaveKey, worker)`. An enclave key belongs to one
/// worker and one measurement until its enrolment expires and is invalidated.
interface IEnclaveRegistry {
    event EnclaveEnrolled(
        address indexed enclaveKey,
        address indexed worker,
        bytes32 indexed measurement,
        uint40 expiresAt,
        bool simulated
    );
    event EnclaveInvalidated(address indexed enclaveKey, bytes32 indexed measurement);
    event MeasurementAccepted(bytes32 indexed measurement, bool accepted);
    event QuoteVerifierAdded(uint256 indexed verifierId, address verifier, bool simulated);

    error QuoteVerifierUnknown(uint256 verifierId);
    /// @notice The quote binds other report data than this key, worker, registry and chain.
    error ReportDataMismatch(bytes32 had, bytes32 needed);
    error QuoteExpired(uint64 validUntil);
    /// @notice The key is enrolled by a fresher quote already; an older one must not shorten that.
    error QuoteSuperseded(uint64 validUntil, uint40 expiresAt);
    /// @notice The key is enrolled for another worker, or for this one with another measurement.
    error EnclaveKeyTaken(address enclaveKey, address worker);
    error EnclaveUnknown(address enclaveKey);
    /// @notice The enclave still satisfies all rules, so it cannot be invalidated.
    error EnclaveStillValid(address enclaveKey);

    /// @notice Enrols or renews an enclave key for a worker. Anyone may send the quote: it binds its own beneficiary. A
    /// measurement that neither the deployment accepts nor any version names can enrol, but answers nothing. Who comes
    /// first has the key, and a quote does not show that its code holds it: if somebody took a fresh key, make another.
    function enroll(uint256 verifierId, address enclaveKey, address worker, bytes calldata quote) external;

    /// @notice Ends the enrolment of a key that expired. Anyone may call.
    function invalidate(address enclaveKey) external;

    /// @notice Administrator: accept a measurement for versions that name none, or withdraw that.
    function acceptMeasurement(bytes32 measurement, bool accepted) external;

    /// @notice Administrator: add a quote verifier; it can never be replaced.
    function addQuoteVerifier(address verifier) external returns (uint256 verifierId);

    function enclaveOf(address enclaveKey) external view returns (Enclave memory);

    function isAccepted(bytes32 measurement) external view returns (bool);

    /// @notice First 32 bytes of the report data that a quote for this key and worker must carry:
    /// `keccak256(abi.encode(chainid, registry, enclaveKey, worker))`.
    function reportData(address enclaveKey, address worker) external view returns (bytes32);
}
