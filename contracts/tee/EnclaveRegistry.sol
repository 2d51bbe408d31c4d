// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {Enclave, IEnclaveRegistry} from "../interfaces/IEnclaveRegistry.sol";
import {IQuoteVerifier, QuoteReport} from "../interfaces/IQuoteVerifier.sol";

/// @title Enclave keys, proven once by a quote so that each result needs only a signature
contract EnclaveRegistry is IEnclaveRegistry, AccessManaged {
    struct QuoteVerifier {
        IQuoteVerifier verifier;
        bool simulated;
    }

    QuoteVerifier[] private _quoteVerifiers;
    mapping(address enclaveKey => Enclave) private _enclaves;
    mapping(bytes32 measurement => bool) public override isAccepted;

    constructor(address authority) AccessManaged(authority) {}

    /// @inheritdoc IEnclaveRegistry
    function enroll(uint256 verifierId, address enclaveKey, address worker, bytes calldata quote) external override {
        if (verifierId >= _quoteVerifiers.length) revert QuoteVerifierUnknown(verifierId);
        QuoteVerifier memory quoteVerifier = _quoteVerifiers[verifierId];
        QuoteReport memory report = quoteVerifier.verifier.verify(quote);

        bytes32 needed = reportData(enclaveKey, worker);
        if (report.reportDataHigh != needed) revert ReportDataMismatch(report.reportDataHigh, needed);
        if (report.validUntil < block.timestamp) revert QuoteExpired(report.validUntil);
        Enclave memory had = _enclaves[enclaveKey];
        // A quote shows that some code chose these report data, not that it holds the key. So code of another
        // measurement must not replace an enrolment, or anybody's enclave could end the one of a bound worker.
        bool isOther = had.worker != worker || had.measurement != report.measurement;
        if (had.worker != address(0) && isOther) revert EnclaveKeyTaken(enclaveKey, had.worker);
        if (report.validUntil < had.expiresAt) revert QuoteSuperseded(report.validUntil, had.expiresAt);

        Enclave memory enclave = Enclave({
            worker: worker,
            enrolledAt: uint40(block.timestamp),
            expiresAt: SafeCast.toUint40(report.validUntil),
            simulated: quoteVerifier.simulated,
            measurement: report.measurement
        });
        _enclaves[enclaveKey] = enclave;
        emit EnclaveEnrolled(enclaveKey, worker, enclave.measurement, enclave.expiresAt, enclave.simulated);
    }

    /// @inheritdoc IEnclaveRegistry
    function invalidate(address enclaveKey) external override {
        Enclave memory enclave = _enclaves[enclaveKey];
        if (enclave.worker == address(0)) revert EnclaveUnknown(enclaveKey);
        if (block.timestamp <= enclave.expiresAt) revert EnclaveStillValid(enclaveKey);
        delete _enclaves[enclaveKey];
        emit EnclaveInvalidated(enclaveKey, enclave.measurement);
    }

    /// @inheritdoc IEnclaveRegistry
    function acceptMeasurement(bytes32 measurement, bool accepted) external override restricted {
        isAccepted[measurement] = accepted;
        emit MeasurementAccepted(measurement, accepted);
    }

    /// @inheritdoc IEnclaveRegistry
    function addQuoteVerifier(address verifier) external override restricted returns (uint256 verifierId) {
        verifierId = _quoteVerifiers.length;
        bool simulated = IQuoteVerifier(verifier).isSimulated();
        _quoteVerifiers.push(QuoteVerifier(IQuoteVerifier(verifier), simulated));
        emit QuoteVerifierAdded(verifierId, verifier, simulated);
    }

    /// @inheritdoc IEnclaveRegistry
    function enclaveOf(address enclaveKey) external view override returns (Enclave memory) {
        return _enclaves[enclaveKey];
    }

    /// @inheritdoc IEnclaveRegistry
    function reportData(address enclaveKey, address worker) public view override returns (bytes32) {
        return keccak256(abi.encode(block.chainid, address(this), enclaveKey, worker));
    }
}
