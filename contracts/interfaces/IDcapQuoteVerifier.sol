// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {TcbStatus} from "../tee/dcap/TcbStatus.sol";
import {IQuoteVerifier, QuoteReport} from "./IQuoteVerifier.sol";

/// @notice Everything that was found out about a quote of Intel SGX or TDX.
struct DcapReport {
    QuoteReport report;
    uint16 version;
    bool isTdx;
    bytes6 fmspc;
    uint160 pckSerial;
    TcbStatus status;
    /// True if Intel's own lists decided; false if the administrator's minimum did, for a part at least.
    bool byCollateral;
    /// True if current revocation lists of both issuers were there.
    bool listsCurrent;
}

/// @title Intel DCAP quotes: SGX version 3, 4 and 5, TDX version 4 and 5
/// @notice A quote has no date. It is genuine for as long as certificates, collateral and lists are current, so that
/// `validUntil` counts from now on; who needs a fresh quote must have it bind something fresh in its report data.
interface IDcapQuoteVerifier is IQuoteVerifier {
    error QuoteSignature();
    error QuotingEnclaveSignature();
    /// @notice The quoting enclave vouches for another attestation key or other auth data.
    error AttestationKeyMismatch(bytes32 had, bytes32 needed);
    error QuotingEnclaveDebug();
    /// @notice A revocation list of one of the issuers was never entered, or is out of date.
    error ListsNotCurrent(uint40 listsUntil);

    /// @notice As `verify`, with everything that was found out.
    function inspect(bytes calldata quote) external view returns (DcapReport memory);
}
