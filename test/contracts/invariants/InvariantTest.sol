// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @dev Functions of a contract, as the runner asks for them. Its name and members belong to the runner's ABI.
struct FuzzSelector {
    address addr;
    bytes4[] selectors;
}

/// @dev What a test of invariants inherits. Its functions that start with `invariant` are checked after each of many
/// random calls, every one of them in runs of its own, that start from the state after `setUp`; `afterInvariant` is
/// called at the end of each run. Without targets the runner calls every contract that it finds, with any arguments:
/// deployments then drown in calls that revert. So a test names its handler, a contract whose functions bend their
/// arguments until they fit, and deploys it in `setUp`:
///
///     function setUp() public {
///         _target(address(_actions = new MarketActions()));
///     }
///
/// A handler must have its own address: the runner never calls the test contract itself, and says "No contracts to
/// fuzz" if that is all there is, or if the targets have no function that changes state.
abstract contract InvariantTest {
    address[] private _contracts;
    address[] private _senders;
    FuzzSelector[] private _selectors;

    /// @dev Contracts to call, instead of all that were deployed.
    function targetContracts() external view returns (address[] memory) {
        return _contracts;
    }

    /// @dev Functions to call of the contracts that are listed here; of the others, all that change state.
    function targetSelectors() external view returns (FuzzSelector[] memory) {
        return _selectors;
    }

    /// @dev Senders of the calls, instead of any address.
    function targetSenders() external view returns (address[] memory) {
        return _senders;
    }

    /// @dev Calls every function of the handler that changes state, each about equally often.
    function _target(address handler) internal {
        _contracts.push(handler);
    }

    /// @dev Calls these functions of the handler only. A function that is listed twice is called twice as often.
    function _target(address handler, bytes4[] memory selectors) internal {
        _contracts.push(handler);
        _selectors.push(FuzzSelector(handler, selectors));
    }

    function _targetSender(address sender) internal {
        _senders.push(sender);
    }
}
