// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {LevelSet} from "./Level.sol";
import {TensorSpec} from "./TensorSpec.sol";

/// @notice The immutable facts of a version. `versionId = keccak256(abi.encode(chainid, registry, modelId, spec))`.
struct VersionSpec {
    /// SHA-256 of the ONNX file; the multihash inside its CIDv1 (raw codec).
    bytes32 artifactDigest;
    /// SHA-256 of the canonical JSON manifest, which names every other file by content.
    bytes32 manifestDigest;
    /// Where files are found: a base to which a content id is appended.
    string uri;
    TensorSpec[] inputs;
    TensorSpec[] outputs;
    LevelSet levels;
    /// keccak256 of the encoded verification key; zero if and only if the version has no circuit.
    bytes32 verificationKeyHash;
    /// Enclave measurements that may answer at `Tee`; empty means those that the deployment accepts.
    bytes32[] measurements;
    /// What the owner of the model's token gets for each job, in the smallest units of the settlement currency.
    uint96 royalty;
    /// What a worker's price is multiplied by.
    uint32 workUnits;
    /// The proving key came from a single-party setup: whoever made it can forge proofs. For test chains.
    bool devKeys;
}

/// @notice A proof that the version's key is alive, checked when it is added.
struct SampleProof {
    /// First public signal; any value below 2^248.
    uint256 binding;
    bytes input;
    bytes output;
    /// a, b, c: 256 bytes as the pairing precompile reads them.
    bytes proof;
}

/// @notice What the market needs to know of a version, in two slots.
struct VersionTerms {
    // slot 0: all that a request reads
    uint96 royalty;
    uint32 workUnits;
    /// Exact lengths of packed input and output in bytes; for text, the longest.
    uint32 inputBytes;
    uint32 outputBytes;
    LevelSet levels;
    bool deprecated;
    /// The input (output) is a single text tensor of a version without a circuit, so that its length may be smaller.
    bool textInput;
    bool textOutput;
    /// The version names its own enclave measurements.
    bool ownMeasurements;
    bool devKeys;
    // slot 1
    /// Contract whose code is a zero byte followed by the key; zero if the version has no circuit.
    address verificationKey;
    uint64 modelId;
}

/// @notice The part of the terms that a request reads.
struct RequestTerms {
    uint96 royalty;
    uint32 workUnits;
    uint32 inputBytes;
    uint32 outputBytes;
    LevelSet levels;
    bool deprecated;
    bool textInput;
    bool textOutput;
}
