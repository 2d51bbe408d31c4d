// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";

import {IGroth16Verifier} from "./interfaces/IGroth16Verifier.sol";
import {IModelRegistry} from "./interfaces/IModelRegistry.sol";
import {ModelMetadata} from "./libraries/ModelMetadata.sol";
import {Level} from "./types/Level.sol";
import {ElementKind, TensorSpec} from "./types/TensorSpec.sol";
import {RequestTerms, SampleProof, VersionSpec, VersionTerms} from "./types/Version.sol";

/// @title Models (ERC-721 tokens) and their immutable versions
contract ModelRegistry is ERC721, IModelRegistry {
    uint256 private constant PROOF_BYTES = 256;

    IGroth16Verifier private immutable GROTH16_VERIFIER;

    uint256 public override modelCount;
    mapping(uint256 modelId => string) private _names;
    mapping(uint256 modelId => bytes32[]) private _versions;
    mapping(bytes32 versionId => VersionTerms) private _terms;
    mapping(bytes32 versionId => mapping(bytes32 measurement => bool)) public override namesMeasurement;

    constructor(IGroth16Verifier groth16Verifier) ERC721("Assay Model", "ASSAY") {
        GROTH16_VERIFIER = groth16Verifier;
    }

    /// @inheritdoc IModelRegistry
    function registerModel(string calldata name) external override returns (uint256 modelId) {
        modelId = ++modelCount;
        _names[modelId] = name;
        emit ModelRegistered(modelId, msg.sender, name);
        _mint(msg.sender, modelId);
    }

    /// @inheritdoc IModelRegistry
    function addVersion(
        uint256 modelId,
        VersionSpec calldata spec,
        bytes calldata verificationKey,
        SampleProof calldata sample
    ) external override returns (bytes32 versionId) {
        _requireModelOwner(modelId);
        versionId = versionIdOf(modelId, spec);
        if (_terms[versionId].workUnits != 0) revert VersionExists(versionId);

        VersionTerms memory facts = _checkedTerms(modelId, spec);
        facts.verificationKey = _storeLiveKey(facts, spec, verificationKey, sample);

        _terms[versionId] = facts;
        _versions[modelId].push(versionId);
        for (uint256 i = 0; i < spec.measurements.length; ++i) {
            namesMeasurement[versionId][spec.measurements[i]] = true;
        }
        emit VersionAdded(modelId, versionId, spec, facts.verificationKey);
    }

    /// @inheritdoc IModelRegistry
    function setDeprecated(bytes32 versionId, bool deprecated) external override {
        _requireModelOwner(terms(versionId).modelId);
        _terms[versionId].deprecated = deprecated;
        emit VersionDeprecated(versionId, deprecated);
    }

    /// @inheritdoc IModelRegistry
    function requestTerms(bytes32 versionId) external view override returns (RequestTerms memory) {
        VersionTerms storage facts = _terms[versionId];
        if (facts.workUnits == 0) revert VersionUnknown(versionId);
        return
            RequestTerms({
                royalty: facts.royalty,
                workUnits: facts.workUnits,
                inputBytes: facts.inputBytes,
                outputBytes: facts.outputBytes,
                levels: facts.levels,
                deprecated: facts.deprecated,
                textInput: facts.textInput,
                textOutput: facts.textOutput
            });
    }

    /// @inheritdoc IModelRegistry
    function modelName(uint256 modelId) external view override returns (string memory) {
        if (_ownerOf(modelId) == address(0)) revert ModelUnknown(modelId);
        return _names[modelId];
    }

    /// @inheritdoc IModelRegistry
    function versionCount(uint256 modelId) external view override returns (uint256) {
        return _versions[modelId].length;
    }

    /// @inheritdoc IModelRegistry
    function ownerOfVersion(bytes32 versionId) external view override returns (address) {
        uint256 modelId = _terms[versionId].modelId;
        if (modelId == 0) revert VersionUnknown(versionId);
        return _ownerOf(modelId);
    }

    /// @inheritdoc IModelRegistry
    function versionsOf(
        uint256 modelId,
        uint256 start,
        uint256 limit
    ) external view override returns (bytes32[] memory page) {
        bytes32[] storage all = _versions[modelId];
        uint256 left = start < all.length ? all.length - start : 0;
        page = new bytes32[](limit < left ? limit : left);
        for (uint256 i = 0; i < page.length; ++i) page[i] = all[start + i];
    }

    /// @inheritdoc ERC721
    function supportsInterface(bytes4 interfaceId) public view override returns (bool) {
        return interfaceId == type(IModelRegistry).interfaceId || super.supportsInterface(interfaceId);
    }

    /// @notice A model's name, number of versions and newest version: JSON in a data URI, from this chain alone.
    function tokenURI(uint256 modelId) public view override returns (string memory) {
        _requireOwned(modelId);
        bytes32[] storage all = _versions[modelId];
        uint256 count = all.length;
        return ModelMetadata.uri(_names[modelId], count, count == 0 ? bytes32(0) : all[count - 1]);
    }

    /// @inheritdoc IModelRegistry
    function terms(bytes32 versionId) public view override returns (VersionTerms memory facts) {
        facts = _terms[versionId];
        if (facts.workUnits == 0) revert VersionUnknown(versionId);
    }

    /// @inheritdoc IModelRegistry
    function versionIdOf(uint256 modelId, VersionSpec calldata spec) public view override returns (bytes32) {
        return keccak256(abi.encode(block.chainid, address(this), modelId, spec));
    }

    /// @dev A dead key can never be published: the sample must verify under it in this transaction.
    function _storeLiveKey(
        VersionTerms memory facts,
        VersionSpec calldata spec,
        bytes calldata key,
        SampleProof calldata sample
    ) private returns (address verificationKey) {
        bool hasCircuit = spec.levels.has(Level.Zkml);
        bytes32 hash = key.length == 0 ? bytes32(0) : keccak256(key);
        if (hash != spec.verificationKeyHash || hasCircuit != (key.length != 0)) {
            revert VerificationKeyMismatch(hash, spec.verificationKeyHash);
        }
        if (!hasCircuit) return address(0);
        if (sample.input.length != facts.inputBytes) revert SampleLength(sample.input.length, facts.inputBytes);
        if (sample.output.length != facts.outputBytes) revert SampleLength(sample.output.length, facts.outputBytes);
        if (sample.proof.length != PROOF_BYTES) revert SampleLength(sample.proof.length, PROOF_BYTES);

        verificationKey = GROTH16_VERIFIER.storeKey(key);
        bytes memory proofAndStream = bytes.concat(sample.proof, sample.input, sample.output);
        GROTH16_VERIFIER.verifyProof(verificationKey, sample.binding, proofAndStream);
    }

    function _requireModelOwner(uint256 modelId) private view {
        address owner = _ownerOf(modelId);
        if (owner == address(0)) revert ModelUnknown(modelId);
        if (owner != msg.sender) revert NotModelOwner(modelId, msg.sender);
    }

    function _checkedTerms(
        uint256 modelId,
        VersionSpec calldata spec
    ) private pure returns (VersionTerms memory facts) {
        if (!spec.levels.isValid()) revert LevelsInvalid(spec.levels.raw());
        if (spec.workUnits == 0) revert WorkUnitsZero();

        // A circuit reads a fixed number of words, so its text is padded to the longest.
        bool mayBeShorter = !spec.levels.has(Level.Zkml);
        facts.workUnits = spec.workUnits;
        facts.levels = spec.levels;
        facts.devKeys = spec.devKeys;
        facts.ownMeasurements = spec.measurements.length != 0;
        facts.royalty = spec.royalty;
        // Counted up from 1, so it fits.
        facts.modelId = uint64(modelId);
        facts.inputBytes = _packedBytes(spec.inputs, false);
        facts.outputBytes = _packedBytes(spec.outputs, true);
        facts.textInput = mayBeShorter && _isSingleText(spec.inputs);
        facts.textOutput = mayBeShorter && _isSingleText(spec.outputs);
    }

    function _packedBytes(TensorSpec[] calldata specs, bool isOutput) private pure returns (uint32) {
        if (specs.length == 0) revert TensorSpecInvalid(0, isOutput);
        uint256 total = 0;
        for (uint256 i = 0; i < specs.length; ++i) {
            uint256 length = specs[i].byteLength();
            total += length;
            if (length == 0 || total > type(uint32).max) revert TensorSpecInvalid(i, isOutput);
        }
        return uint32(total);
    }

    function _isSingleText(TensorSpec[] calldata specs) private pure returns (bool) {
        return specs.length == 1 && specs[0].kind == ElementKind.Text;
    }
}
