// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {Enclave, Enrolment, IEnclaveRegistry} from "../interfaces/IEnclaveRegistry.sol";
import {QuoteReport, QuoteStanding} from "../interfaces/IQuoteVerifier.sol";
import {IWorkerRegistry} from "../interfaces/IWorkerRegistry.sol";
import {BlockHashes} from "../libraries/BlockHashes.sol";
import {Admission} from "./Admission.sol";

/// @title Enclave keys, proven once by a quote so that each result needs only a signature
contract EnclaveRegistry is Admission, EIP712 {
    bytes32 private constant ENROLMENT_TYPE = keccak256("Enrolment(address worker,bytes32 quoteHash)");
    uint40 private constant MOST_GRACE = 90 days;

    uint40 public immutable override grace;
    IWorkerRegistry private immutable WORKERS;

    mapping(address enclaveKey => Enclave) private _enclaves;
    mapping(address worker => uint32) public override epochOf;

    constructor(
        address authority,
        IWorkerRegistry workers,
        uint40 grace_
    ) Admission(authority) EIP712("Assay EnclaveRegistry", "1") {
        if (grace_ > MOST_GRACE) revert GraceTooLong(grace_, MOST_GRACE);
        WORKERS = workers;
        grace = grace_;
    }

    /// @inheritdoc IEnclaveRegistry
    function enroll(Enrolment calldata enrolment) external override {
        bytes32 quoteHash = keccak256(enrolment.quote);
        _requirePossession(enrolment, quoteHash);
        (bytes32 high, bytes32 low) = reportData(enrolment.enclaveKey, enrolment.worker, enrolment.blockNumber);
        QuoteVerifier memory quoteVerifier = _quoteVerifier(enrolment.verifierId);
        QuoteReport memory report = quoteVerifier.verifier.verify(enrolment.quote);
        if (report.reportDataHigh != high) revert ReportDataMismatch(report.reportDataHigh, high);
        if (report.reportDataLow != low) revert ReportDataMismatch(report.reportDataLow, low);
        if (report.validUntil < block.timestamp) revert QuoteExpired(report.validUntil);
        _requireRenewable(enrolment, report.measurement);

        Enclave memory enclave = Enclave({
            worker: enrolment.worker,
            expiresAt: SafeCast.toUint40(report.validUntil),
            epoch: epochOf[enrolment.worker],
            // Both fit: it is the number of a verifier and of a block that are there.
            verifierId: uint16(enrolment.verifierId),
            simulated: quoteVerifier.simulated,
            measurement: report.measurement,
            quoteHash: quoteHash,
            enrolledAt: uint40(block.timestamp),
            blockNumber: uint64(enrolment.blockNumber)
        });
        _enclaves[enrolment.enclaveKey] = enclave;
        _announce(enrolment.enclaveKey, enclave);
        emit QuoteShown(enrolment.enclaveKey, quoteHash, enrolment.quote);
    }

    /// @inheritdoc IEnclaveRegistry
    function invalidate(address enclaveKey) external override {
        Enclave storage enclave = _existing(enclaveKey);
        bool isOver = _isOver(enclave) || _wasWithdrawnSince(enclave.measurement, enclave.enrolledAt);
        if (!isOver) revert EnclaveStillValid(enclaveKey);
        _remove(enclaveKey, enclave);
    }

    /// @inheritdoc IEnclaveRegistry
    function invalidateByQuote(address enclaveKey, bytes calldata quote) external override {
        Enclave storage enclave = _existing(enclaveKey);
        bytes32 quoteHash = keccak256(quote);
        if (quoteHash != enclave.quoteHash) revert OtherQuote(quoteHash, enclave.quoteHash);
        QuoteStanding standing = _quoteVerifier(enclave.verifierId).verifier.standingOf(quote);
        if (standing == QuoteStanding.Good) revert EnclaveStillValid(enclaveKey);

        if (standing == QuoteStanding.Revoked) _remove(enclaveKey, enclave);
        else _giveNotice(enclaveKey, enclave);
    }

    /// @inheritdoc IEnclaveRegistry
    function endKeys(address worker) external override {
        if (msg.sender != worker && msg.sender != WORKERS.operatorOf(WORKERS.workerIdOf(worker))) {
            revert NotOfWorker(worker, msg.sender);
        }
        uint32 epoch = ++epochOf[worker];
        emit KeysEnded(worker, epoch);
    }

    /// @inheritdoc IEnclaveRegistry
    function enclaveOf(address enclaveKey) external view override returns (Enclave memory) {
        return _enclaves[enclaveKey];
    }

    /// @inheritdoc IEnclaveRegistry
    function bindingOf(
        address enclaveKey
    ) external view override returns (address worker, bytes32 measurement, uint40 expiresAt, bool current) {
        Enclave storage enclave = _enclaves[enclaveKey];
        uint32 epoch;
        (worker, expiresAt, epoch) = (enclave.worker, enclave.expiresAt, enclave.epoch);
        (measurement, current) = (enclave.measurement, epoch == epochOf[worker]);
    }

    /// @inheritdoc IEnclaveRegistry
    function reportData(
        address enclaveKey,
        address worker,
        uint256 blockNumber
    ) public view override returns (bytes32 high, bytes32 low) {
        high = keccak256(abi.encode(block.chainid, address(this), enclaveKey, worker, epochOf[worker]));
        low = BlockHashes.hashOf(blockNumber);
        if (low == 0) revert QuoteStale(blockNumber);
    }

    function _remove(address enclaveKey, Enclave storage enclave) private {
        emit EnclaveInvalidated(enclaveKey, enclave.measurement);
        delete _enclaves[enclaveKey];
    }

    /// @dev A later notice never moves the end of an earlier one.
    function _giveNotice(address enclaveKey, Enclave storage enclave) private {
        uint40 until = uint40(block.timestamp) + grace;
        if (enclave.expiresAt <= until) revert AlreadyOnNotice(enclaveKey, enclave.expiresAt);
        enclave.expiresAt = until;
        emit EnclaveOnNotice(enclaveKey, enclave.measurement, until);
    }

    function _announce(address enclaveKey, Enclave memory enclave) private {
        emit EnclaveEnrolled(
            enclaveKey,
            enclave.worker,
            enclave.measurement,
            enclave.expiresAt,
            enclave.simulated,
            enclave.epoch,
            enclave.verifierId,
            enclave.quoteHash,
            enclave.blockNumber
        );
    }

    function _requirePossession(Enrolment calldata enrolment, bytes32 quoteHash) private view {
        bytes32 digest = _hashTypedDataV4(keccak256(abi.encode(ENROLMENT_TYPE, enrolment.worker, quoteHash)));
        (address signer, , ) = ECDSA.tryRecoverCalldata(digest, enrolment.keySignature);
        // What cannot be recovered is the zero address, which has no key.
        if (signer == address(0) || signer != enrolment.enclaveKey) revert PossessionNotShown(enrolment.enclaveKey);
    }

    /// @dev The same code with the same key may follow itself by a later quote; anything else only what is over. Else
    /// code that came to share a key could end the enrolment of a bound worker.
    function _requireRenewable(Enrolment calldata enrolment, bytes32 measurement) private view {
        Enclave storage had = _enclaves[enrolment.enclaveKey];
        if (had.worker == address(0)) return;
        bool isOther = had.worker != enrolment.worker || had.measurement != measurement;
        if (isOther && !_isOver(had)) revert EnclaveKeyTaken(enrolment.enclaveKey, had.worker);
        if (enrolment.blockNumber <= had.blockNumber) revert QuoteSuperseded(enrolment.blockNumber, had.blockNumber);
    }

    function _existing(address enclaveKey) private view returns (Enclave storage enclave) {
        enclave = _enclaves[enclaveKey];
        if (enclave.worker == address(0)) revert EnclaveUnknown(enclaveKey);
    }

    function _isOver(Enclave storage enclave) private view returns (bool) {
        return block.timestamp > enclave.expiresAt || enclave.epoch != epochOf[enclave.worker];
    }
}
