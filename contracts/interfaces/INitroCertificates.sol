// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {P384Key} from "./IP384.sol";

/// @notice A certificate that was verified up to the root.
struct NitroCertificate {
    // slot 0
    /// What its issuer is known by; zero for the root.
    bytes32 issuer;
    // slot 1
    /// Keccak-256 of its name in DER.
    bytes32 subject;
    // slot 2
    uint160 serial;
    /// When all certificates up to the root are valid.
    uint40 notBefore;
    uint40 notAfter;
    bool isAuthority;
    /// Of an authority: how many more authorities may follow below; the maximum where it is not limited.
    uint8 pathLength;
    // slot 3
    bool signsLists;
    // slots 4 to 7
    P384Key key;
}

/// @title Certificates of AWS Nitro Enclaves up to one pinned root, each verified once in a transaction of its own
/// @notice A document comes with four authorities and the certificate of its signer: the root's never changes, that of a
/// region lives three weeks, of a zone a week, of an instance a day, and the signer's three hours. So of most documents
/// only the last one or two are new. A certificate is known by the Keccak-256 of what its issuer signed.
interface INitroCertificates {
    event CertificateRemembered(bytes32 indexed certificate, bytes32 indexed issuer, uint40 notAfter);
    event CertificateTrusted(bytes32 indexed certificate, bool trusted);
    event CertificateRevoked(bytes32 indexed certificate);

    /// @notice It was not remembered.
    error CertificateUnknown(bytes32 certificate);
    /// @notice The administrator distrusts it, or its issuer revoked it.
    error CertificateDistrusted(bytes32 certificate);
    /// @notice The name of the issuer is not the one of the next certificate.
    error IssuerMismatch(bytes32 had, bytes32 needed);
    error CertificateSignature(uint160 serial);
    error NotAnAuthority(uint160 serial);
    /// @notice Its key may not sign documents.
    error NotASigner(uint160 serial);
    /// @notice There are more authorities below one than its path length allows.
    error PathTooLong(uint160 serial);
    error ListSignature(bytes32 issuer);
    /// @notice The list does not have the certificate's serial number.
    error NotListed(uint160 serial);
    error CertificateTooLong(uint256 length, uint256 most);

    /// @notice Verifies a certificate against its issuer, which must be remembered already, and keeps the outcome.
    /// Anyone may call. Nothing happens if it was remembered before, unless it is a signer's and `issuer` another
    /// certificate of its issuer's key, below which it is valid for longer or trusted again. Dates are looked at when it
    /// is used.
    /// @return id what the certificate is known by.
    function remember(bytes calldata certificate, bytes32 issuer) external returns (bytes32 id);

    /// @notice Distrusts a certificate for good, and all below it, by a list that its issuer signed. Anyone may call. The
    /// dates of the list do not matter, as serial numbers are given only once.
    function revoke(bytes32 certificate, bytes calldata list) external;

    /// @notice Distrusts a certificate and all below it, or trusts it again. For the administrator; it need not be
    /// remembered.
    function trust(bytes32 certificate, bool trusted) external;

    /// @notice A certificate whose key signs documents. Reverts if it is unknown, or of another kind.
    function signerOf(bytes32 certificate) external view returns (NitroCertificate memory);

    /// @notice The first certificate from this one up to the root that is distrusted or revoked; zero if none is.
    function distrustedAbove(bytes32 certificate) external view returns (bytes32);

    /// @notice All zero if it was not remembered.
    function certificateOf(bytes32 certificate) external view returns (NitroCertificate memory);

    /// @notice True unless the root is that of AWS.
    function isSimulated() external view returns (bool);
}
