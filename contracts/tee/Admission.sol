// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";

import {IEnclaveRegistry} from "../interfaces/IEnclaveRegistry.sol";
import {IQuoteVerifier} from "../interfaces/IQuoteVerifier.sol";

/// @title What the administrator decides about enclaves: which code counts, and who reads quotes
abstract contract Admission is IEnclaveRegistry, AccessManaged {
    struct QuoteVerifier {
        IQuoteVerifier verifier;
        bool simulated;
    }

    struct Measurement {
        bool accepted;
        /// Zero unless it was accepted before.
        uint40 withdrawnAt;
    }

    QuoteVerifier[] private _quoteVerifiers;
    mapping(bytes32 measurement => Measurement) private _measurements;

    constructor(address authority) AccessManaged(authority) {}

    /// @inheritdoc IEnclaveRegistry
    function acceptMeasurement(bytes32 measurement, bool accepted) external override restricted {
        Measurement storage had = _measurements[measurement];
        if (accepted)
            had.withdrawnAt = 0;
            // What was never accepted is not withdrawn: enclaves for versions that name it go on.
        else if (had.accepted) had.withdrawnAt = uint40(block.timestamp);
        had.accepted = accepted;
        emit MeasurementAccepted(measurement, accepted);
    }

    /// @inheritdoc IEnclaveRegistry
    function addQuoteVerifier(address verifier) external override restricted returns (uint256 verifierId) {
        verifierId = _quoteVerifiers.length;
        bool simulated = IQuoteVerifier(verifier).isSimulated();
        _quoteVerifiers.push(QuoteVerifier(IQuoteVerifier(verifier), simulated));
        emit QuoteVerifierAdded(verifierId, verifier, IQuoteVerifier(verifier).kind(), simulated);
    }

    /// @inheritdoc IEnclaveRegistry
    function isAccepted(bytes32 measurement) external view override returns (bool) {
        return _measurements[measurement].accepted;
    }

    /// @inheritdoc IEnclaveRegistry
    function quoteVerifierCount() external view override returns (uint256) {
        return _quoteVerifiers.length;
    }

    /// @inheritdoc IEnclaveRegistry
    function quoteVerifierOf(
        uint256 verifierId
    ) external view override returns (address verifier, bytes32 kind, bool simulated) {
        QuoteVerifier memory found = _quoteVerifier(verifierId);
        return (address(found.verifier), found.verifier.kind(), found.simulated);
    }

    function _quoteVerifier(uint256 verifierId) internal view returns (QuoteVerifier memory) {
        if (verifierId >= _quoteVerifiers.length) revert QuoteVerifierUnknown(verifierId);
        return _quoteVerifiers[verifierId];
    }

    /// @dev In the second of a withdrawal nobody can tell what was first.
    function _wasWithdrawnSince(bytes32 measurement, uint40 time) internal view returns (bool) {
        return _measurements[measurement].withdrawnAt >= time;
    }
}
