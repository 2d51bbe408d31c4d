// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice An enrolled enclave key.
struct Enclave {
    // slots 0, 1: all that the check of a result reads
    address worker;
    uint40 expiresAt;
    /// The worker's key epoch in which it was enrolled.
    uint32 epoch;
    uint16 verifierId;
    bool simulated;
    bytes32 measurement;
    // slot 2
    /// Keccak-256 of the quote that enrolled it.
    bytes32 quoteHash;
    // slot 3
    uint40 enrolledAt;
    /// The block that the quote binds.
    uint64 blockNumber;
}

/// @notice What it takes to enrol or renew an enclave key.
struct Enrolment {
    uint256 verifierId;
    address enclaveKey;
    /// Key of the worker for which the enclave signs.
    address worker;
    /// A recent block whose hash the quote binds: a quote has no date of its own.
    uint256 blockNumber;
    bytes quote;
    /// By the enclave key, 65 bytes with s in the lower half, over the EIP-712 struct
    /// `Enrolment(address worker,bytes32 quoteHash)` in the domain "Assay EnclaveRegistry", version "1", with the quote's
    /// Keccak-256. It shows possession: nobody takes a key that is another's.
    bytes keySignature;
}

/// @title Enclaves that proved which code they run and which key they hold
/// @notice A quote's report data are 64 bytes, as `reportData` tells: the first half binds key, worker, the worker's key
/// epoch, registry and chain, the second is the hash of a recent block. On a chain that may drop its newest blocks, take
/// one a few blocks back. A key belongs to one worker and one measurement for as long as its enrolment lasts; that is
/// until it expires, the worker's keys are ended, or it is invalidated.
///
/// Whoever holds a good quote of the same key, worker and measurement renews, with the quote of a later block than
/// the one before; so a quote that was shown once does nothing a second time. Quotes have signatures that anyone can
/// turn into others that are valid, too. Therefore nothing here is known by the bytes of a quote, except that it is or is
/// not the one that enrolled a key; the possession signature covers the very bytes.
interface IEnclaveRegistry {
    event EnclaveEnrolled(
        address indexed enclaveKey,
        address indexed worker,
        bytes32 indexed measurement,
        uint40 expiresAt,
        bool simulated,
        uint32 epoch,
        uint16 verifierId,
        bytes32 quoteHash,
        uint64 blockNumber
    );
    /// @notice The quote that enrolled a key, so that anyone can check it again and tell when it is revoked.
    event QuoteShown(address indexed enclaveKey, bytes32 indexed quoteHash, bytes quote);
    /// @notice The quote became outdated: unless a good one renews the enrolment, it ends then.
    event EnclaveOnNotice(address indexed enclaveKey, bytes32 indexed measurement, uint40 expiresAt);
    event EnclaveInvalidated(address indexed enclaveKey, bytes32 indexed measurement);
    /// @notice All enclave keys that were enrolled for the worker before `epoch` ended.
    event KeysEnded(address indexed worker, uint32 epoch);
    event MeasurementAccepted(bytes32 indexed measurement, bool accepted);
    event QuoteVerifierAdded(uint256 indexed verifierId, address verifier, bytes32 kind, bool simulated);

    error QuoteVerifierUnknown(uint256 verifierId);
    /// @notice One half of the report data is not what `reportData` tells for this enrolment.
    error ReportDataMismatch(bytes32 had, bytes32 needed);
    /// @notice The chain does not know the hash of this block, or not any more: quote again with a later one.
    error QuoteStale(uint256 blockNumber);
    error QuoteExpired(uint64 validUntil);
    /// @notice The enrolment is by a quote that binds block `had`; only one of a later block renews it.
    error QuoteSuperseded(uint256 blockNumber, uint64 had);
    /// @notice The enclave key did not sign this quote for this worker, or not with s in the lower half.
    error PossessionNotShown(address enclaveKey);
    /// @notice The key is enrolled for another worker, or for this one with another measurement.
    error EnclaveKeyTaken(address enclaveKey, address worker);
    error EnclaveUnknown(address enclaveKey);
    /// @notice The enclave still satisfies all rules, so it cannot be invalidated.
    error EnclaveStillValid(address enclaveKey);
    /// @notice This is not the quote that enrolled the key.
    error OtherQuote(bytes32 had, bytes32 needed);
    /// @notice The enrolment ends within the grace anyway. Notice cannot be given twice.
    error AlreadyOnNotice(address enclaveKey, uint40 expiresAt);
    /// @notice The caller is neither the worker's key nor its operator.
    error NotOfWorker(address worker, address caller);
    error GraceTooLong(uint256 had, uint256 max);

    /// @notice Enrols or renews an enclave key for a worker. Anyone may send it: it binds its own beneficiary. A
    /// measurement that neither the deployment accepts nor any version names can enrol, but answers nothing.
    function enroll(Enrolment calldata enrolment) external;

    /// @notice Removes a key whose enrolment expired, whose worker ended its keys, or whose measurement the deployment
    /// has withdrawn since it was enrolled. Anyone may call. A version that names a withdrawn measurement itself still
    /// takes it, from enclaves that enrol anew.
    function invalidate(address enclaveKey) external;

    /// @notice Shows what has become of the quote that enrolled a key. If it is revoked, the enrolment ends now; if it
    /// is outdated, it ends after the grace at the latest. Anyone may call. If the quote verifier cannot tell, or has too
    /// little gas to, this reverts.
    function invalidateByQuote(address enclaveKey, bytes calldata quote) external;

    /// @notice The worker's key or its operator: ends all enclave keys that were enrolled for the worker so far. Quotes
    /// made for them never count again; enclaves must be enrolled anew, with the next epoch in their report data. An
    /// operator does this before it makes another key act for the worker: afterwards it has no say over the old one.
    function endKeys(address worker) external;

    /// @notice Administrator: accept a measurement for versions that name none, or withdraw that.
    function acceptMeasurement(bytes32 measurement, bool accepted) external;

    /// @notice Administrator: add a quote verifier; it can never be replaced.
    function addQuoteVerifier(address verifier) external returns (uint256 verifierId);

    /// @notice Zeros if the key was never enrolled or was invalidated. What has ended may still be here.
    function enclaveOf(address enclaveKey) external view returns (Enclave memory);

    /// @notice What the check of a result needs, in one call; zeros if the key is not enrolled. Not `current` is one
    /// of which the worker ended the keys since. To hold the expiry against the time is the caller's.
    function bindingOf(
        address enclaveKey
    ) external view returns (address worker, bytes32 measurement, uint40 expiresAt, bool current);

    /// @notice How often a worker's enclave keys were ended.
    function epochOf(address worker) external view returns (uint32);

    function isAccepted(bytes32 measurement) external view returns (bool);

    /// @notice Ids run from 0 to one less. They follow from the order in which a deployment added its verifiers.
    function quoteVerifierCount() external view returns (uint256);

    /// @notice Reverts with `QuoteVerifierUnknown`. The kind is as in `IQuoteVerifier`.
    function quoteVerifierOf(uint256 verifierId) external view returns (address verifier, bytes32 kind, bool simulated);

    /// @notice Seconds that an enclave has from a notice to a renewal.
    function grace() external view returns (uint40);

    /// @notice Both halves of the report data that a quote must carry:
    /// `keccak256(abi.encode(chainid, registry, enclaveKey, worker, epochOf(worker)))` and the block's hash. Ask the chain
    /// for it: some know other hashes by a number than their nodes tell. Reverts with `QuoteStale`.
    function reportData(
        address enclaveKey,
        address worker,
        uint256 blockNumber
    ) external view returns (bytes32 high, bytes32 low);
}
