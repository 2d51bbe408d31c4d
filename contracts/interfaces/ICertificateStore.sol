// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {PlatformTcb} from "../tee/dcap/PckExtension.sol";

/// @notice A certificate authority below the root, or the root itself, with the chain above it verified.
struct Authority {
    // slot 0
    /// Keccak-256 of its name in DER.
    bytes32 name;
    // slots 1, 2
    bytes32 x;
    bytes32 y;
    // slot 3
    uint160 serial;
    /// When all certificates up to the root are valid.
    uint40 notBefore;
    uint40 notAfter;
}

/// @notice A certificate below an authority, with the chain above it verified.
struct Leaf {
    // slots 0, 1
    bytes32 x;
    bytes32 y;
    // slot 2
    uint160 serial;
    uint40 notBefore;
    uint40 notAfter;
    // slot 3; all zero in a certificate that is no PCK certificate
    PlatformTcb tcb;
}

/// @title Certificate chains up to one pinned root, and the serial numbers that were revoked
/// @notice Chains are PEM as a quote holds them: leaf, intermediate authority, root. What was verified once can be
/// remembered, so that it costs a hash and a few reads the next time; dates and revocation are checked every time.
interface ICertificateStore {
    event ChainRemembered(bytes32 indexed chain, bytes32 indexed issuerKey, uint40 notAfter);
    /// @notice `entered` serial numbers of a list so far; until it is complete the list before it stays in force.
    event RevocationsEntered(bytes32 indexed issuerKey, bytes32 indexed list, uint256 entered, bool complete);

    error RootUnknown(bytes32 x, bytes32 y);
    /// @notice A name, a signature or a permission does not lead from the certificate to its issuer.
    error IssuerMismatch(bytes32 had, bytes32 needed);
    error CertificateSignature(uint160 serial);
    error NotAnAuthority(uint160 serial);
    /// @notice The certificate may not sign, or is not that of who signs collateral.
    error NotASigner(uint160 serial);
    error NotAPlatform(uint160 serial);
    error CertificateNotYetValid(uint40 notBefore);
    error CertificateExpired(uint40 notAfter);
    error CertificateRevoked(uint160 serial);
    /// @notice Bytes after the last certificate, other than the zero that some quotes end with.
    error ChainTrailingBytes(uint256 pos);
    error ListSignature(bytes32 list);
    error ListNotCurrent(uint40 thisUpdate, uint40 nextUpdate);
    /// @notice A list at least as new is complete.
    error ListSuperseded(uint40 thisUpdate, uint40 had);

    /// @notice Verifies the chain of a PCK certificate and keeps the outcome. Anyone may call.
    function remember(bytes calldata chain) external;

    /// @notice Enters serial numbers of a signed list, at most `maxEntries`; call again for the rest. Anyone may call.
    /// @param issuerChain the root, or an intermediate authority and the root.
    function enterRevocations(bytes calldata issuerChain, bytes calldata list, uint256 maxEntries) external;

    /// @notice The platform that a chain of three certificates vouches for, now.
    /// @return leaf with dates at which the chain as a whole is valid.
    /// @return listsUntil until when the revocation lists of both issuers are current; zero if one was never entered.
    function platform(bytes calldata chain) external view returns (Leaf memory leaf, uint40 listsUntil);

    /// @notice Who signs collateral: a certificate that the root issued, followed by the root. Its common name is
    /// "Intel SGX TCB Signing" under Intel's root, "SIMULATED SGX TCB Signing" under any other.
    function collateralSigner(bytes calldata chain) external view returns (Leaf memory leaf);

    function isRevoked(bytes32 issuerKey, uint160 serial) external view returns (bool);

    /// @notice Until when the complete list of an issuer is current; zero without one.
    function listUntil(bytes32 issuerKey) external view returns (uint40);

    /// @notice True unless the root is Intel's.
    function isSimulated() external view returns (bool);
}
