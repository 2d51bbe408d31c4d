// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Der} from "./Der.sol";

/// @title The frame that certificates and revocation lists share: what is signed, the algorithm, the signature
library SignedDer {
    using Der for bytes;

    /// @dev The AlgorithmIdentifier of ecdsa-with-SHA256, without parameters.
    bytes32 private constant ECDSA_WITH_SHA256 = hex"300a06082a8648ce3d040302";
    uint256 private constant ALGORITHM_BYTES = 12;

    error SignatureAlgorithm(uint256 pos);

    /// @notice The content of the signed part lies in `der[from:to]`; `digest` is over the part as a whole.
    function open(
        bytes memory der
    ) internal view returns (uint256 from, uint256 to, bytes32 digest, bytes32 r, bytes32 s) {
        (uint256 pos, uint256 end) = der.whole(Der.SEQUENCE);
        (from, to) = der.expect(pos, end, Der.SEQUENCE);
        digest = der.sha(pos, to);

        (uint256 bits, uint256 last) = der.expect(algorithm(der, to, end), end, Der.BIT_STRING);
        Der.finish(last, end);
        // The first byte of a bit string says how many bits of the last do not count.
        if (bits == last || der[bits] != 0) revert Der.DerLength(bits);
        (r, s) = der.pair(bits + 1, last);
    }

    /// @notice Skips the algorithm, which can only be one.
    function algorithm(bytes memory der, uint256 pos, uint256 end) internal pure returns (uint256 to) {
        (, to) = der.expect(pos, end, Der.SEQUENCE);
        bytes32 had = der.wordAt(pos) >> (256 - 8 * ALGORITHM_BYTES);
        bool isKnown = to - pos == ALGORITHM_BYTES && had == ECDSA_WITH_SHA256 >> (256 - 8 * ALGORITHM_BYTES);
        if (!isKnown) revert SignatureAlgorithm(pos);
    }
}
