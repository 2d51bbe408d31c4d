// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Enrolment} from "../../../contracts/interfaces/IEnclaveRegistry.sol";
import {QuoteReport} from "../../../contracts/interfaces/IQuoteVerifier.sol";
import {LevelSet} from "../../../contracts/types/Level.sol";
import {MoodyConsumer} from "../MoodyConsumer.sol";
import {CHEATS} from "./Cheats.sol";
import {Deployment} from "./Deployment.sol";

/// @dev Who takes part, with money: everybody that can ever own some of it.
abstract contract Actors is Deployment {
    uint256 internal constant REQUESTERS = 3;
    uint256 internal constant CONSUMERS = 3;
    uint256 internal constant CHALLENGERS = 2;
    uint256 internal constant FIRST_WORKERS = 8;
    uint256 internal constant MOST_WORKERS = 11;
    uint256 internal constant REQUESTER_SECRET = 0xb0;
    uint256 internal constant ENCLAVE_SECRET = 0xe0e0;
    address internal constant TREASURY = address(0xfee);
    address internal constant RELAYER = address(0x4e1);
    /// @dev Asks for inferences that a requester pays, and has no code to be called back.
    address internal constant SPENDER = address(0x5bed);
    address internal constant BURN = address(0xdEaD);
    uint256 private constant RICHES = 1e24;

    /// @dev Workers are numbered from 0 here; the registry's ids are one more.
    address[] internal _operators;
    address[] internal _keys;
    /// @dev The number of the worker's key, and so its enclave.
    uint256[] internal _enclaveSecrets;
    /// @dev Whose accounts in the market may hold money: requesters and consumers, then the others.
    address[] internal _accounts;
    /// @dev Every address outside the contracts that may own money.
    address[] internal _wallets;
    MoodyConsumer[] internal _consumers;
    uint256 internal _supply;
    uint256 internal _keysMade;

    /// @dev Money that went into an account of the market from outside, and out again.
    mapping(address account => uint256) internal _in;
    mapping(address account => uint256) internal _out;
    uint256 internal _stakedIn;
    uint256 internal _stakedOut;

    constructor() {
        for (uint256 i = 0; i < REQUESTERS; ++i) _accounts.push(CHEATS.addr(REQUESTER_SECRET + i));
        for (uint256 i = 0; i < CONSUMERS; ++i) {
            _consumers.push(new MoodyConsumer(market));
            _accounts.push(address(_consumers[i]));
        }
        for (uint256 i = 0; i < CHALLENGERS; ++i) _accounts.push(address(uint160(0xc000 + i)));
        _accounts.push(TREASURY);
        _accounts.push(MODEL_OWNER);
        _accounts.push(RELAYER);
        _accounts.push(SPENDER);
        _accounts.push(BURN);
        for (uint256 i = 0; i < _accounts.length; ++i) _enrich(_accounts[i]);
        for (uint256 i = 0; i < REQUESTERS + CONSUMERS + CHALLENGERS; ++i) _deposit(_accounts[i], 20 ether);
        for (uint256 i = 0; i < FIRST_WORKERS; ++i) _join(2 ether + i * 0.3 ether, uint80(1e13 * i));
        market.setProtocolFee(250, TREASURY);
    }

    /// @dev A consumer's money comes from the relayer, for it can pay nothing in itself.
    function _deposit(address account, uint256 amount) internal {
        CHEATS.prank(account.code.length == 0 ? account : RELAYER);
        market.deposit{value: _value(amount)}(account, amount);
        _in[account] += amount;
    }

    function _join(uint256 stake, uint80 price) internal {
        uint256 index = _operators.length;
        address operator = address(uint160(0xa000 + index));
        _operators.push(operator);
        // For bonds and parts of stake that are not a worker's earnings.
        _accounts.push(operator);
        _keys.push(address(0));
        _enclaveSecrets.push(0);
        _enrich(operator);
        address key = _makeKey(index);
        CHEATS.prank(operator);
        uint24 id = workers.register{value: _value(stake)}(key, price, stake);
        require(id == index + 1, "another id");
        _stakedIn += stake;
        for (uint256 i = 0; i < 3; ++i) {
            CHEATS.prank(operator);
            workers.serve(
                id,
                _versions[i],
                LevelSet.wrap(
                    i == 2
                        ? 7
                        : i == 1
                            ? 3
                            : 1
                )
            );
        }
    }

    /// @dev A new key and its enclave.
    function _makeKey(uint256 index) internal returns (address key) {
        key = address(uint160(0xd000 + _keysMade));
        uint256 secret = ENCLAVE_SECRET + _keysMade++;
        (_keys[index], _enclaveSecrets[index]) = (key, secret);
        address enclave = CHEATS.addr(secret);
        uint256 blockNumber = block.number - 1;
        (bytes32 high, bytes32 low) = _enclaves.reportData(enclave, key, blockNumber);
        bytes memory quote = abi.encode(QuoteReport(MEASUREMENT, high, low, uint64(block.timestamp + 3650 days)));
        bytes memory possession = _showPossession(secret, key, keccak256(quote));
        _enclaves.enroll(Enrolment(0, enclave, key, blockNumber, quote, possession));
    }

    /// @dev The enclave's signature of its enrolment.
    function _showPossession(uint256 secret, address key, bytes32 quoteHash) private view returns (bytes memory) {
        (, string memory name, string memory version, uint256 chainId, address registry, , ) = _enclaves.eip712Domain();
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256(bytes(name)),
                keccak256(bytes(version)),
                chainId,
                registry
            )
        );
        bytes32 enrolment = keccak256(
            abi.encode(keccak256("Enrolment(address worker,bytes32 quoteHash)"), key, quoteHash)
        );
        (uint8 v, bytes32 r, bytes32 s) = CHEATS.sign(
            secret,
            keccak256(abi.encodePacked(hex"1901", domain, enrolment))
        );
        return abi.encodePacked(r, s, v);
    }

    function _enrich(address owner) private {
        _wallets.push(owner);
        if (address(_token) == address(0)) {
            // What consumers and nobody own is left to be zero, so that it is seen what comes.
            if (owner.code.length != 0 || owner == BURN) return;
            CHEATS.deal(owner, RICHES);
        } else {
            if (owner.code.length != 0 || owner == BURN) return;
            _token.mint(owner, RICHES);
            address[4] memory takers = [address(market), address(workers), address(anchors), address(channels)];
            for (uint256 i = 0; i < takers.length; ++i) {
                CHEATS.prank(owner);
                _token.approve(takers[i], type(uint256).max);
            }
        }
        _supply += RICHES;
    }
}
