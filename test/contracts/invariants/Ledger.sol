// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IJobs} from "../../../contracts/interfaces/IJobs.sol";
import {Job, JobDescription} from "../../../contracts/types/Job.sol";
import {JobState, JobStatus} from "../../../contracts/types/JobStatus.sol";
import {Level} from "../../../contracts/types/Level.sol";
import {Round, RoundPhase, Seat, SeatState} from "../../../contracts/types/Round.sol";
import {Actors} from "./Actors.sol";
import {CHEATS, Log} from "./Cheats.sol";

/// @dev What an observer of the chain knows of every job, kept apart from the market; after each step the two are
/// compared.
abstract contract Ledger is Actors {
    /// @dev A job as it was seen last.
    struct Entry {
        bytes32 id;
        Job job;
        JobDescription terms;
        JobState state;
        uint24 workerId;
        uint32 dueAt;
        bytes22 outputHash;
        /// @dev What is to be paid, from when somebody acted.
        uint256 fee;
        bool feeIsFixed;
        /// @dev Zero if copies disagree.
        address challenger;
        bool hasPanel;
    }

    bytes internal constant INPUT = hex"03";
    bytes internal constant RIGHT = hex"06";
    bytes internal constant WRONG = hex"07";
    bytes22 internal constant RIGHT_HASH = bytes22(keccak256(RIGHT));

    Entry[] internal _entries;
    /// @dev Places in `_entries`.
    uint256[] internal _open;
    uint256[] internal _owing;
    mapping(bytes32 jobId => bool) private _isKnown;
    /// @dev Answers that somebody gave.
    mapping(bytes32 jobId => mapping(bytes22 outputHash => bool)) internal _given;
    mapping(bytes32 roundId => mapping(uint256 seat => bool)) private _lost;
    mapping(bytes32 roundId => RoundPhase) private _phases;
    mapping(uint24 workerId => uint256) private _slashes;
    mapping(uint24 workerId => uint256) private _deserved;

    /// @dev Fees of settled jobs, by who paid.
    mapping(address requester => uint256) internal _spent;
    uint256 internal _royalties;
    uint256 internal _protocolFees;
    uint256 internal _workersFees;
    uint256 internal _bondsLost;

    mapping(string end => uint256) public reached;

    /// @dev Notes new jobs, then what became of all that were open.
    function _observe() internal {
        Log[] memory logs = CHEATS.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].topics[0] == IJobs.JobRequested.selector) _note(logs[i]);
        }
        for (uint256 i = _open.length; i > 0; --i) {
            Entry storage entry = _entries[_open[i - 1]];
            JobStatus memory status = market.statusOf(entry.id);
            require(status.state >= entry.state, "a job went back");
            _observeRounds(entry, status);
            if (status.state != entry.state) _observeChange(entry, status, logs);
            (entry.state, entry.workerId, entry.dueAt) = (status.state, status.workerId, status.dueAt);
            entry.outputHash = status.outputHash;
            if (status.state < JobState.Settled) continue;
            if (status.callbackOwed) _owing.push(_open[i - 1]);
            _open[i - 1] = _open[_open.length - 1];
            _open.pop();
        }
        for (uint24 id = 1; id <= _keys.length; ++id) {
            uint256 slashes = market.standingOf(id).slashed;
            require(slashes <= _slashes[id] + _deserved[id], "slashed for nothing");
            (_slashes[id], _deserved[id]) = (slashes, 0);
        }
    }

    function _reach(string memory end) internal {
        ++reached[end];
    }

    function _isJudgedByPanel(Entry storage entry) internal view returns (bool) {
        return entry.terms.versionId == _versions[0];
    }

    /// @dev The least fee, then in equal steps of a second to the highest.
    function _feeNow(JobDescription memory terms) internal view returns (uint256) {
        uint256 start = terms.requestedAt + 2 * PRIORITY;
        if (block.timestamp <= start) return terms.minFee;
        if (block.timestamp >= terms.deadline) return terms.maxFee;
        uint256 part = (uint256(terms.maxFee - terms.minFee) * (block.timestamp - start)) / (terms.deadline - start);
        return terms.minFee + part;
    }

    function _note(Log memory log) private {
        bytes32 jobId = log.topics[1];
        // The runner tells the events of calls that were undone, too.
        if (_isKnown[jobId] || market.statusOf(jobId).state == JobState.None) return;
        _isKnown[jobId] = true;
        (Job memory job, ) = abi.decode(log.data, (Job, bytes));
        require(market.jobIdOf(job) == jobId, "another job");
        Entry storage entry = _entries.push();
        (entry.id, entry.job, entry.terms) = (jobId, job, market.describe(job));
        require(entry.terms.feeBasisPoints == market.protocolFeeBasisPoints(), "another share");
        entry.state = JobState.Requested;
        entry.dueAt = uint32(entry.terms.deadline);
        _open.push(_entries.length - 1);
    }

    function _observeChange(Entry storage entry, JobStatus memory status, Log[] memory logs) private {
        if (!entry.feeIsFixed && status.state != JobState.Copying && status.state != JobState.Refunded) {
            _fixFee(entry, _feeNow(entry.terms));
        }
        if (status.state == JobState.Challenged) {
            entry.challenger = market.challengeOf(entry.id).challenger;
            entry.hasPanel = market.roundOf(market.panelIdOf(entry.id)).phase != RoundPhase.None;
            require(entry.hasPanel == _isJudgedByPanel(entry), "judged by somebody else");
        }
        if (status.state == JobState.Settled) _observeSettlement(entry, status, logs);
        if (status.state == JobState.Refunded) _observeRefund(entry);
    }

    function _fixFee(Entry storage entry, uint256 fee) private {
        (entry.fee, entry.feeIsFixed) = (fee, true);
    }

    function _observeSettlement(Entry storage entry, JobStatus memory status, Log[] memory logs) private {
        require(_given[entry.id][status.outputHash], "paid for no answer");
        bool isRight = status.outputHash == RIGHT_HASH;
        // One worker lies: alone it wins neither a majority nor against evidence.
        bool mayBeWrong =
            entry.state == JobState.Executed && entry.terms.level == Level.Vanilla && entry.terms.copies == 1;
        require(isRight || mayBeWrong, "paid for an answer that was shown to be wrong");
        bool isUnchallenged = entry.state == JobState.Executed && entry.terms.level == Level.Vanilla;
        require(!isUnchallenged || block.timestamp > entry.dueAt, "paid before it could be challenged");
        (uint256 fee, uint256 royalty, uint256 protocolFee) = _settlementIn(logs, entry.id);
        require(fee == _feeDue(entry, status.outputHash), "another fee than was due");
        require(royalty == ROYALTY, "another royalty");
        uint256 share = (fee * entry.terms.feeBasisPoints) / 10_000;
        require(protocolFee == (share < fee - royalty ? share : fee - royalty), "another protocol fee");
        _spent[entry.terms.requester] += fee;
        _royalties += royalty;
        _protocolFees += protocolFee;
        _workersFees += fee - royalty - protocolFee;
        if (entry.state != JobState.Challenged) {
            if (entry.terms.level == Level.Vanilla) {
                _reach(entry.terms.copies == 1 ? "settled unchallenged" : "copies settled");
            } else _reach(entry.terms.level == Level.Tee ? "settled by an enclave" : "settled by a proof");
            return;
        }
        // Who challenges an answer that does not stand has its bond back, though another one is paid.
        if (entry.challenger != address(0) && status.outputHash == entry.outputHash) _bondsLost += BOND;
        if (entry.hasPanel) _reach(entry.terms.copies == 1 ? "upheld by a panel" : "copies upheld by a panel");
        else if (entry.terms.copies == 1) _reach("challenge met with evidence");
        else _reach(entry.challenger == address(0) ? "disagreement ended by evidence" : "copies met with evidence");
    }

    /// @dev A copy that gave the answer earns its part of what is above the royalty; the parts of the others return.
    function _feeDue(Entry storage entry, bytes22 outputHash) private view returns (uint256) {
        if (entry.terms.copies == 1) return entry.fee;
        uint256 winners = 0;
        for (uint256 i = 0; i < entry.terms.copies; ++i) {
            Seat memory seat = market.seatOf(entry.id, i);
            if (seat.state == SeatState.Released && bytes22(seat.kept) == outputHash) ++winners;
        }
        return ROYALTY + ((entry.fee - ROYALTY) * winners) / entry.terms.copies;
    }

    function _observeRefund(Entry storage entry) private {
        if (entry.hasPanel) return _observePanelRefund(entry);
        bool disagrees = entry.state == JobState.Copying && market.roundOf(entry.id).commits > entry.terms.copies / 2;
        if (disagrees) return _reach("disagreement refunded");
        require(block.timestamp > entry.dueAt, "ended before its time");
        if (entry.state == JobState.Requested) return _reach("refunded unanswered");
        if (entry.state == JobState.Copying) return _reach("refunded with too few copies");
        if (entry.terms.copies == 1) ++_deserved[entry.workerId];
        if (entry.state == JobState.Challenged) {
            _reach(entry.challenger == address(0) ? "disagreement without evidence" : "challenge without evidence");
        } else _reach(entry.state == JobState.Claimed ? "claim without evidence" : "early answer without evidence");
    }

    function _observePanelRefund(Entry storage entry) private {
        bytes32 panelId = market.panelIdOf(entry.id);
        Round memory panel = market.roundOf(panelId);
        (uint256 right, uint256 wrong) = (0, 0);
        for (uint256 i = 0; i < panel.commits; ++i) {
            Seat memory seat = market.seatOf(panelId, i);
            if (bytes22(seat.kept) == RIGHT_HASH) ++right;
            else if (bytes22(seat.kept) == bytes22(keccak256(WRONG))) ++wrong;
        }
        if (right < 2 && wrong < 2) {
            if (entry.challenger != address(0)) _bondsLost += BOND;
            return _reach("left open by a panel");
        }
        require(right > 1 && entry.outputHash != RIGHT_HASH, "a right answer was overturned");
        if (entry.terms.copies == 1) ++_deserved[entry.workerId];
        _reach(entry.terms.copies == 1 ? "overturned by a panel" : "copies overturned by a panel");
    }

    function _observeRounds(Entry storage entry, JobStatus memory status) private {
        if (entry.terms.copies > 1 && status.state > JobState.Requested) {
            Round memory round = market.roundOf(entry.id);
            if (!entry.feeIsFixed && round.phase == RoundPhase.Revealing) {
                _fixFee(entry, round.commits == round.seats ? _feeNow(entry.terms) : entry.terms.maxFee);
            }
            bool missedEvidence = entry.state == JobState.Challenged && status.state == JobState.Refunded;
            _observeSeats(entry.id, round, missedEvidence && block.timestamp > entry.dueAt && !entry.hasPanel);
        }
        if (!entry.hasPanel) return;
        bytes32 panelId = market.panelIdOf(entry.id);
        _observeSeats(panelId, market.roundOf(panelId), false);
    }

    /// @dev Who loses a seat must have answered wrongly or have been silent for the whole time.
    function _observeSeats(bytes32 roundId, Round memory round, bool missedEvidence) private {
        for (uint256 i = 0; i < round.commits; ++i) {
            Seat memory seat = market.seatOf(roundId, i);
            if (seat.state != SeatState.Lost || _lost[roundId][i]) continue;
            _lost[roundId][i] = true;
            bool hasRevealed = bytes22(seat.kept) == RIGHT_HASH || bytes22(seat.kept) == bytes22(keccak256(WRONG));
            if (hasRevealed) require(bytes22(seat.kept) != RIGHT_HASH || missedEvidence, "lost for a right answer");
            else require(_phases[roundId] == RoundPhase.Revealing, "lost before anybody could reveal");
            if (!hasRevealed) require(block.timestamp > round.dueAt, "lost before its time");
            ++_deserved[seat.workerId];
            _reach(hasRevealed ? "seat lost by an answer" : "seat lost by silence");
        }
        _phases[roundId] = round.phase;
    }

    function _settlementIn(
        Log[] memory logs,
        bytes32 jobId
    ) private pure returns (uint256 fee, uint256 royalty, uint256 protocolFee) {
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].topics[0] != IJobs.JobSettled.selector || logs[i].topics[1] != jobId) continue;
            (fee, royalty, protocolFee) = abi.decode(logs[i].data, (uint256, uint256, uint256));
        }
    }
}
