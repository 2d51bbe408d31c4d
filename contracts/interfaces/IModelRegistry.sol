// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {RequestTerms, SampleProof, VersionSpec, VersionTerms} from "../types/Version.sol";

/// @title Models and their immutable versions
/// @notice A model is an ERC-721 token that is never burnt; its owner adds versions. Each job of a version pays the
/// version's royalty, in the settlement currency, to whoever owns the token when the job settles. A version never
/// changes and is never deleted: consumers pin a `versionId`.
///
/// Any set of levels is allowed. A version with `Vanilla` alone has no evidence: a challenged answer is judged by a
/// panel of other workers, so it is only as good as the honest majority among those that serve it.
///
/// The events, with the `Transfer` of ERC-721, tell everything that the registry holds: the spec carries the
/// measurements and the hash of the verification key, whose bytes are the code of `verificationKey` after its first.
interface IModelRegistry {
    /// @notice Just before the `Transfer` that mints the token.
    event ModelRegistered(uint256 indexed modelId, address indexed owner, string name);
    event VersionAdded(uint256 indexed modelId, bytes32 indexed versionId, VersionSpec spec, address verificationKey);
    event VersionDeprecated(bytes32 indexed versionId, bool deprecated);

    error ModelUnknown(uint256 modelId);
    error NotModelOwner(uint256 modelId, address caller);
    error VersionUnknown(bytes32 versionId);
    error VersionExists(bytes32 versionId);
    /// @notice The set of levels is empty or has an unknown bit.
    error LevelsInvalid(uint8 levels);
    /// @notice A key is given without `Zkml`, or the other way round.
    error VerificationKeyMismatch(bytes32 had, bytes32 needed);
    /// @notice The sample's input or output has not the length that the tensor specs say, or its proof not 256 bytes.
    error SampleLength(uint256 had, uint256 needed);
    error TensorSpecInvalid(uint256 index, bool isOutput);
    error WorkUnitsZero();

    /// @notice Creates a model owned by the caller. Names need not be unique.
    function registerModel(string calldata name) external returns (uint256 modelId);

    /// @notice Adds a version. If its levels include `Zkml`, `verificationKey` must be the key whose hash is in the
    /// spec and `sample` a proof that verifies under it: a dead key can never be published. Otherwise both are empty.
    function addVersion(
        uint256 modelId,
        VersionSpec calldata spec,
        bytes calldata verificationKey,
        SampleProof calldata sample
    ) external returns (bytes32 versionId);

    /// @notice The owner advises against a version, or takes that back. New requests are refused; open jobs finish.
    function setDeprecated(bytes32 versionId, bool deprecated) external;

    /// @notice Reverts with `VersionUnknown`.
    function terms(bytes32 versionId) external view returns (VersionTerms memory);

    /// @notice The part of the terms that a request reads. Reverts with `VersionUnknown`.
    function requestTerms(bytes32 versionId) external view returns (RequestTerms memory);

    /// @notice Who owns the version's model and gets its royalties. Reverts with `VersionUnknown`.
    function ownerOfVersion(bytes32 versionId) external view returns (address);

    /// @notice Whether the version itself names this enclave measurement.
    function namesMeasurement(bytes32 versionId, bytes32 measurement) external view returns (bool);

    function modelName(uint256 modelId) external view returns (string memory);

    /// @notice Models have the ids from 1 to this.
    function modelCount() external view returns (uint256);

    /// @notice How many versions a model has; 0 if there is no such model.
    function versionCount(uint256 modelId) external view returns (uint256);

    /// @notice Ids of a model's versions, oldest first, from `start`, at most `limit`. Their number and order never
    /// change but at the end, so pages read at different times fit together.
    function versionsOf(uint256 modelId, uint256 start, uint256 limit) external view returns (bytes32[] memory);

    function versionIdOf(uint256 modelId, VersionSpec calldata spec) external view returns (bytes32);
}
