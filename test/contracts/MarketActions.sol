// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

import {InferenceMarket} from "../../contracts/InferenceMarket.sol";
import {ModelRegistry} from "../../contracts/ModelRegistry.sol";
import {WorkerRegistry} from "../../contracts/WorkerRegistry.sol";
import {MarketParameters} from "../../contracts/interfaces/IInferenceMarket.sol";
import {IQuoteVerifier, QuoteReport} from "../../contracts/interfaces/IQuoteVerifier.sol";
import {EnclaveRegistry} from "../../contracts/tee/EnclaveRegistry.sol";
import {CallbackAt, Challenge, Job, JobState, JobStatus, Request} from "../../contracts/types/Job.sol";
import {Level, LevelSet} from "../../contracts/types/Level.sol";
import {TensorSpec, ElementKind} from "../../contracts/types/TensorSpec.sol";
import {SampleProof, VersionSpec, VersionTerms} from "../../contracts/types/Version.sol";
import {Groth16Verifier} from "../../contracts/verifiers/Groth16Verifier.sol";
import {TeeVerifier} from "../../contracts/verifiers/TeeVerifier.sol";
import {VM} from "./Vm.sol";

/// @dev Reads the report out of the quote: this test is about money, not about quotes.
contract PlainQuoteVerifier is IQuoteVerifier {
    bool public constant override isSimulated = true;

    function verify(bytes calldata quote) external pure override returns (QuoteReport memory) {
        return abi.decode(quote, (QuoteReport));
    }
}

/// @dev A whole deployment and the steps that anyone may take in it, each with arguments that often fit. Steps that
/// the contracts refuse are undone and forgotten.
contract MarketActions {
    uint96 private constant JOB_STAKE = 1 ether;
    uint96 private constant BOND = 0.1 ether;
    uint32 private constant EVIDENCE_WINDOW = 600;
    uint256 private constant WORKERS = 3;
    uint256 private constant ENCLAVE_SECRET = 0xe0;

    InferenceMarket public market;
    WorkerRegistry public workers;
    bytes32 public versionId;

    Job[] private _jobs;
    address[] private _accounts;
    uint256 public settled;
    uint256 public refunded;

    receive() external payable {}

    constructor() {
        AccessManager manager = new AccessManager(address(this));
        Groth16Verifier groth16 = new Groth16Verifier();
        ModelRegistry models = new ModelRegistry(groth16);
        workers = new WorkerRegistry(models, 1 ether, 1 days, address(manager));
        EnclaveRegistry enclaves = new EnclaveRegistry(address(manager));
        MarketParameters memory parameters = MarketParameters(
            60,
            EVIDENCE_WINDOW,
            300,
            1 days,
            1_000_000,
            JOB_STAKE,
            BOND
        );
        market = new InferenceMarket(
            parameters,
            models,
            workers,
            new TeeVerifier(models, enclaves),
            groth16,
            address(manager)
        );
        workers.setMarket(address(market));
        enclaves.addQuoteVerifier(address(new PlainQuoteVerifier()));
        enclaves.acceptMeasurement(bytes32(uint256(1)), true);
        versionId = _publish(models);

        for (uint256 i = 0; i < WORKERS; ++i) _join(enclaves, i);
        for (uint256 i = 0; i < 3; ++i) _fund(_requester(i));
        _fund(_challenger());
        _accounts.push(address(this));
        _accounts.push(address(0xfee));
        _accounts.push(address(0xdEaD));
    }

    function request(uint256 who, uint96 minFee, uint96 maxFee, uint32 timeToLive, uint32 window, bool tee) external {
        address requester = _requester(who % 3);
        minFee = 1000 + (minFee % 1 ether);
        Request memory req = Request({
            versionId: versionId,
            level: tee ? Level.Tee : Level.Vanilla,
            callbackAt: CallbackAt.Executed,
            callbackGas: window % 2 == 0 ? 0 : 50_000,
            minFee: minFee,
            maxFee: minFee + (maxFee % 1 ether),
            timeToLive: 61 + (timeToLive % 1 hours),
            challengeWindow: 300 + (window % 1 hours),
            copies: 1
        });
        (uint32 candidates, ) = workers.candidates(versionId, req.level);
        uint64 nonce = market.nonceOf(requester);
        VM.prank(requester);
        try market.request(req, hex"03") {
            _jobs.push(_jobOf(req, requester, candidates, nonce));
        } catch {}
    }

    function execute(uint256 which, uint256 who) external {
        Job memory job = _pick(which);
        VM.prank(_key(who % WORKERS));
        try market.execute(job, hex"06") {} catch {}
    }

    function claim(uint256 which, uint256 who) external {
        Job memory job = _pick(which);
        VM.prank(_key(who % WORKERS));
        try market.claim(job) {} catch {}
    }

    function fulfill(uint256 which, uint256 who) external {
        Job memory job = _pick(which);
        address key = _key(who % WORKERS);
        bytes32 digest = market.resultDigest(job, keccak256(hex"06"), key);
        (uint8 v, bytes32 r, bytes32 s) = VM.sign(ENCLAVE_SECRET + (who % WORKERS), digest);
        VM.prank(key);
        try market.fulfill(job, hex"06", abi.encodePacked(r, s, v)) {
            ++settled;
        } catch {}
    }

    function challenge(uint256 which) external {
        Job memory job = _pick(which);
        VM.prank(_challenger());
        try market.challenge{value: BOND}(job) {} catch {}
    }

    function end(uint256 which) external {
        Job memory job = _pick(which);
        try market.settle(job, hex"06") {
            ++settled;
        } catch {}
        try market.expire(job) {
            ++refunded;
        } catch {}
        try market.resolve(job) {
            ++refunded;
        } catch {}
    }

    function withdraw(uint256 who, uint256 amount) external {
        address account = _accounts[who % _accounts.length];
        VM.prank(account);
        try market.withdraw(amount % (market.balanceOf(account) + 1), payable(account)) {} catch {}
    }

    function pass(uint16 time) external {
        VM.warp(block.timestamp + time);
        VM.roll(block.number + 1);
    }

    function setProtocolFee(uint16 basisPoints) external {
        market.setProtocolFee(basisPoints % 501, address(0xfee));
    }

    function serve(uint256 who, uint8 levels) external {
        who %= WORKERS;
        VM.prank(_key(who));
        workers.serve(uint24(who + 1), versionId, LevelSet.wrap(1 + (levels % 3)));
    }

    /// @dev What the market owes: accounts, and the escrow and bond of every open job.
    function owed() external view returns (uint256 sum) {
        for (uint256 i = 0; i < _accounts.length; ++i) sum += market.balanceOf(_accounts[i]);
        for (uint256 i = 0; i < _jobs.length; ++i) sum += _escrow(_jobs[i]);
    }

    /// @dev What the workers' stake must at least be: each job that binds a worker binds one job's stake.
    function bound() external view returns (uint256 needed, uint256 had) {
        for (uint256 i = 0; i < _jobs.length; ++i) {
            JobState state = market.statusOf(market.jobIdOf(_jobs[i])).state;
            if (state >= JobState.Claimed && state <= JobState.Challenged) needed += JOB_STAKE;
        }
        for (uint24 id = 1; id <= WORKERS; ++id) had += workers.workerOf(id).bound;
    }

    function staked() external view returns (uint256 sum) {
        for (uint24 id = 1; id <= WORKERS; ++id) sum += workers.workerOf(id).stake + workers.workerOf(id).unbonding;
    }

    function jobCount() external view returns (uint256) {
        return _jobs.length;
    }

    /// @dev Ends every job by the exits that anyone may take, and pays every account out.
    function leaveAll() external {
        VM.warp(block.timestamp + 30 days);
        for (uint256 i = 0; i < _jobs.length; ++i) {
            try market.settle(_jobs[i], hex"06") {} catch {}
            try market.expire(_jobs[i]) {} catch {}
            try market.resolve(_jobs[i]) {} catch {}
            require(market.statusOf(market.jobIdOf(_jobs[i])).state >= JobState.Settled, "a job has no exit");
        }
        for (uint256 i = 0; i < _accounts.length; ++i) {
            uint256 balance = market.balanceOf(_accounts[i]);
            VM.prank(_accounts[i]);
            market.withdraw(balance, payable(address(0x9a1d)));
        }
    }

    function _publish(ModelRegistry models) private returns (bytes32) {
        VersionSpec memory spec;
        spec.inputs = new TensorSpec[](1);
        spec.inputs[0] = TensorSpec(ElementKind.Uint, 8, 0, new uint32[](0));
        spec.outputs = spec.inputs;
        spec.levels = LevelSet.wrap(3);
        spec.royalty = 1000;
        spec.workUnits = 1;
        return models.addVersion(models.registerModel("doubling"), spec, "", SampleProof(0, "", "", ""));
    }

    function _join(EnclaveRegistry enclaves, uint256 index) private {
        address operator = address(uint160(0xa000 + index));
        VM.deal(operator, 20 ether);
        VM.prank(operator);
        uint24 id = workers.register{value: 20 ether}(_key(index), 1);
        VM.prank(operator);
        workers.serve(id, versionId, LevelSet.wrap(3));
        _accounts.push(operator);

        address enclave = VM.addr(ENCLAVE_SECRET + index);
        bytes32 reportData = enclaves.reportData(enclave, _key(index));
        QuoteReport memory report = QuoteReport(bytes32(uint256(1)), reportData, 0, type(uint40).max);
        enclaves.enroll(0, enclave, _key(index), abi.encode(report));
    }

    function _fund(address account) private {
        VM.deal(account, 200 ether);
        VM.prank(account);
        market.deposit{value: 100 ether}(account);
        _accounts.push(account);
    }

    function _pick(uint256 which) private view returns (Job memory job) {
        // A late job, so that there is something left to do with it.
        uint256 recent = _jobs.length < 8 ? _jobs.length : 8;
        if (recent != 0) job = _jobs[_jobs.length - 1 - (which % recent)];
    }

    function _escrow(Job memory job) private view returns (uint256) {
        bytes32 jobId = market.jobIdOf(job);
        JobStatus memory status = market.statusOf(jobId);
        if (status.state == JobState.Requested) return job.maxFee;
        if (status.state == JobState.Challenged) {
            Challenge memory open = market.challengeOf(jobId);
            return uint256(open.fee) + BOND;
        }
        if (status.state != JobState.Claimed && status.state != JobState.Executed) return 0;
        uint256 window = job.level == Level.Vanilla ? job.challengeWindow : EVIDENCE_WINDOW;
        return market.feeAt(job, status.dueAt - window);
    }

    function _jobOf(
        Request memory req,
        address requester,
        uint32 candidates,
        uint64 nonce
    ) private view returns (Job memory job) {
        uint256 share = (uint256(req.minFee) * market.protocolFeeBasisPoints()) / 10_000;
        uint256 afterRoyalty = req.minFee - 1000;
        job.versionId = req.versionId;
        job.inputHash = keccak256(hex"03");
        job.requester = requester;
        job.consumer = req.callbackGas == 0 ? address(0) : requester;
        job.level = req.level;
        job.callbackAt = req.callbackAt;
        job.callbackGas = req.callbackGas;
        job.minFee = req.minFee;
        job.maxFee = req.maxFee;
        job.requestedAt = uint40(block.timestamp);
        job.deadline = uint40(block.timestamp + req.timeToLive);
        job.challengeWindow = req.level == Level.Vanilla ? req.challengeWindow : 0;
        job.copies = 1;
        job.requestBlock = uint64(block.number);
        job.candidates = candidates;
        job.maxPrice = uint80(afterRoyalty - (share < afterRoyalty ? share : afterRoyalty));
        job.royalty = 1000;
        job.outputBytes = 1;
        job.nonce = nonce;
        require(market.statusOf(market.jobIdOf(job)).state == JobState.Requested, "the job is another one");
    }

    function _requester(uint256 index) private pure returns (address) {
        return address(uint160(0xb000 + index));
    }

    function _challenger() private pure returns (address) {
        return address(0xc000);
    }

    function _key(uint256 index) private pure returns (address) {
        return address(uint160(0xd000 + index));
    }
}
