// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @dev A Groth16 key whose secrets are known, so that whoever asks gets a real proof of any two signals: alpha is 11,
/// beta 1, gamma 2, delta 3, and the ic points are 5, 7 and 13 times the base point.
library Trapdoor {
    uint256 private constant ORDER = 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001;
    /// @dev 1 / 3, modulo the order.
    uint256 private constant THIRD = 0x2042def740cbc01bd03583cf0100e59370229adafbd0f5b62d414e62a0000001;
    /// @dev The base point of G2, twice and three times it: imaginary and real part of x, then of y.
    bytes private constant ONCE =
        hex"198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2"
        hex"1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed"
        hex"090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b"
        hex"12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa";
    bytes private constant TWICE =
        hex"203e205db4f19b37b60121b83a7333706db86431c6d835849957ed8c3928ad79"
        hex"27dc7234fd11d3e8c36c59277c3e6f149d5cd3cfa9a62aee49f8130962b4b3b9"
        hex"195e8aa5b7827463722b8c153931579d3505566b4edf48d498e185f0509de152"
        hex"04bb53b8977e5f92a0bc372742c4830944a59b4fe6b1c0466e2a6dad122b5d2e";
    bytes private constant THRICE =
        hex"1014772f57bb9742735191cd5dcfe4ebbc04156b6878a0a7c9824f32ffb66e85"
        hex"06064e784db10e9051e52826e192715e8d7e478cb09a5e0012defa0694fbc7f5"
        hex"021e2335f3354bb7922ffcc2f38d3323dd9453ac49b55441452aeaca147711b2"
        hex"058e1d5681b5b9e0074b0f9c8d2c68a069b920d74521e79765036d57666c5597";

    function key() internal view returns (bytes memory) {
        return bytes.concat(_times(11), ONCE, TWICE, THRICE, _times(5), _times(7), _times(13));
    }

    /// @dev 256 bytes for a binding below 2^248, and input and output of one byte each.
    function prove(uint256 binding, bytes1 input, bytes1 output) internal view returns (bytes memory) {
        uint256 word = uint256(bytes32(bytes.concat(input, output))) >> 8;
        uint256 x = addmod(5, addmod(mulmod(7, binding, ORDER), mulmod(13, word, ORDER), ORDER), ORDER);
        // A is 29 and B is 1: 29 = 11 + 2 x + 3 c.
        uint256 c = mulmod(addmod(29 - 11, ORDER - mulmod(2, x, ORDER), ORDER), THIRD, ORDER);
        return bytes.concat(_times(29), ONCE, _times(c));
    }

    function _times(uint256 scalar) private view returns (bytes memory product) {
        bool done;
        (done, product) = address(7).staticcall(abi.encode(1, 2, scalar));
        require(done, "no such point");
    }
}
