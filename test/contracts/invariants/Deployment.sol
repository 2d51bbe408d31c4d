// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {PaymentChannels} from "../../../contracts/PaymentChannels.sol";
import {ReceiptAnchors} from "../../../contracts/ReceiptAnchors.sol";
import {IEvidenceVerifier} from "../../../contracts/interfaces/IEvidenceVerifier.sol";
import {IInferenceMarket} from "../../../contracts/interfaces/IInferenceMarket.sol";
import {IModelRegistry} from "../../../contracts/interfaces/IModelRegistry.sol";
import {AnchorParameters} from "../../../contracts/interfaces/IReceiptAnchors.sol";
import {MarketParameters} from "../../../contracts/interfaces/ISettings.sol";
import {IWorkerRegistry} from "../../../contracts/interfaces/IWorkerRegistry.sol";
import {MarketParts} from "../../../contracts/market/MarketBase.sol";
import {EnclaveRegistry} from "../../../contracts/tee/EnclaveRegistry.sol";
import {LevelSet} from "../../../contracts/types/Level.sol";
import {ElementKind, TensorSpec} from "../../../contracts/types/TensorSpec.sol";
import {SampleProof, VersionSpec} from "../../../contracts/types/Version.sol";
import {TrustingQuoteVerifier} from "../TrustingQuoteVerifier.sol";
import {PermitToken} from "../tokens/PermitToken.sol";
import {CHEATS} from "./Cheats.sol";
import {Trapdoor} from "./Trapdoor.sol";

/// @dev All contracts, as they are deployed, with three versions of a model that doubles a byte: no evidence but a
/// panel's, an enclave's signature, and a proof.
abstract contract Deployment {
    uint256 internal constant FIRST_SECOND = 1_800_000_000;
    uint256 internal constant FIRST_BLOCK = 1000;
    uint32 internal constant PRIORITY = 60;
    uint32 internal constant EVIDENCE_WINDOW = 600;
    uint32 internal constant REVEAL_WINDOW = 120;
    uint32 internal constant LEAST_CHALLENGE_WINDOW = 300;
    uint256 internal constant UNBONDING_DELAY = 1 days;
    // Amounts that no divisor divides.
    uint80 internal constant JOB_STAKE = 0.4 ether + 3;
    uint80 internal constant BOND = 0.1 ether + 1;
    uint96 internal constant ANCHOR_STAKE = 0.3 ether + 7;
    uint96 internal constant ROYALTY = 1001;
    uint256 internal constant LEAST_STAKE = 1 ether;
    bytes32 internal constant MEASUREMENT = bytes32(uint256(1));
    address internal constant MODEL_OWNER = address(0x0e0);

    IInferenceMarket public market;
    IWorkerRegistry public workers;
    ReceiptAnchors public anchors;
    PaymentChannels public channels;
    EnclaveRegistry internal _enclaves;
    /// @dev None stands for the native coin.
    PermitToken internal _token;
    bytes32[3] internal _versions;

    constructor(bool isNative) {
        CHEATS.warp(FIRST_SECOND);
        CHEATS.roll(FIRST_BLOCK);
        if (!isNative) _token = new PermitToken();
        address manager = address(new AccessManager(address(this)));
        address groth16 = _deploy("contracts/verifiers/Groth16Verifier.sol:Groth16Verifier", "");
        address models = _deploy("contracts/ModelRegistry.sol:ModelRegistry", abi.encode(groth16));
        workers = IWorkerRegistry(
            _deploy(
                "contracts/WorkerRegistry.sol:WorkerRegistry",
                abi.encode(models, _token, LEAST_STAKE, UNBONDING_DELAY, manager)
            )
        );
        _enclaves = EnclaveRegistry(
            _deploy("contracts/tee/EnclaveRegistry.sol:EnclaveRegistry", abi.encode(manager, workers, 14 days))
        );
        _enclaves.addQuoteVerifier(address(new TrustingQuoteVerifier()));
        _enclaves.acceptMeasurement(MEASUREMENT, true);

        address tee = _deploy("contracts/verifiers/TeeVerifier.sol:TeeVerifier", abi.encode(models, _enclaves));
        _deployMarket(
            MarketParts({
                models: IModelRegistry(models),
                workers: workers,
                teeVerifier: IEvidenceVerifier(tee),
                zkmlVerifier: IEvidenceVerifier(groth16),
                currency: IERC20(address(_token)),
                authority: manager
            })
        );
        _publish(IModelRegistry(models));
    }

    /// @dev What an address has in the currency.
    function _wallet(address owner) internal view returns (uint256) {
        return address(_token) == address(0) ? owner.balance : _token.balanceOf(owner);
    }

    /// @dev The value to send along, where the currency can be sent along.
    function _value(uint256 amount) internal view returns (uint256) {
        return address(_token) == address(0) ? amount : 0;
    }

    function _deployMarket(MarketParts memory parts) private {
        MarketParameters memory chosen = MarketParameters({
            priorityWindow: PRIORITY,
            evidenceWindow: EVIDENCE_WINDOW,
            revealWindow: REVEAL_WINDOW,
            minChallengeWindow: LEAST_CHALLENGE_WINDOW,
            maxChallengeWindow: 1 days,
            maxTimeToLive: 1 days,
            maxCallbackGas: 300_000,
            jobStake: JOB_STAKE,
            challengeBond: BOND,
            missLimit: 2
        });
        address next = _deploy("contracts/MarketRounds.sol:MarketRounds", abi.encode(chosen, parts));
        next = _deploy("contracts/MarketDisputes.sol:MarketDisputes", abi.encode(chosen, parts, next));
        next = _deploy("contracts/MarketAccounts.sol:MarketAccounts", abi.encode(chosen, parts, next));
        next = _deploy("contracts/InferenceMarket.sol:InferenceMarket", abi.encode(chosen, parts, next));
        market = IInferenceMarket(next);
        anchors = ReceiptAnchors(
            payable(
                _deploy(
                    "contracts/ReceiptAnchors.sol:ReceiptAnchors",
                    abi.encode(
                        AnchorParameters(LEAST_CHALLENGE_WINDOW, EVIDENCE_WINDOW, ANCHOR_STAKE, BOND),
                        parts.models,
                        parts.workers,
                        parts.teeVerifier,
                        parts.zkmlVerifier
                    )
                )
            )
        );
        channels = PaymentChannels(
            _deploy("contracts/PaymentChannels.sol:PaymentChannels", abi.encode(parts.currency, EVIDENCE_WINDOW))
        );
        workers.setHolders(address(market), address(anchors));
    }

    function _publish(IModelRegistry models) private {
        VersionSpec memory spec;
        spec.inputs = new TensorSpec[](1);
        spec.inputs[0] = TensorSpec(ElementKind.Uint, 8, 0, new uint32[](0));
        spec.outputs = spec.inputs;
        spec.royalty = ROYALTY;
        spec.workUnits = 1;
        CHEATS.prank(MODEL_OWNER);
        uint256 modelId = models.registerModel("doubling");
        for (uint8 i = 0; i < 2; ++i) {
            spec.levels = LevelSet.wrap(i == 0 ? 1 : 3);
            CHEATS.prank(MODEL_OWNER);
            _versions[i] = models.addVersion(modelId, spec, "", SampleProof(0, "", "", ""));
        }
        bytes memory key = Trapdoor.key();
        spec.levels = LevelSet.wrap(7);
        spec.verificationKeyHash = keccak256(key);
        SampleProof memory sample = SampleProof(1, hex"05", hex"0a", Trapdoor.prove(1, hex"05", hex"0a"));
        CHEATS.prank(MODEL_OWNER);
        _versions[2] = models.addVersion(modelId, spec, key, sample);
    }

    /// @dev What was built, as it would be deployed: each part of the market with its own settings of the compiler.
    function _deploy(string memory artifact, bytes memory arguments) private returns (address deployed) {
        bytes memory creation = bytes.concat(CHEATS.getCode(artifact), arguments);
        assembly ("memory-safe") {
            deployed := create(0, add(creation, 32), mload(creation))
        }
        require(deployed != address(0), artifact);
    }
}
