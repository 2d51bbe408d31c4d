// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Base64} from "@openzeppelin/contracts/utils/Base64.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";

/// @title What wallets show of a model's token
library ModelMetadata {
    /// @notice JSON in a data URI. The name may be any bytes; what is no UTF-8 is left to the reader's decoder.
    /// @param newest Left out if the count is 0.
    function uri(string memory name, uint256 versions, bytes32 newest) internal pure returns (string memory) {
        // JSON is full of double quotes.
        // solhint-disable quotes
        bytes memory json = abi.encodePacked(
            '{"name":"',
            Strings.escapeJSON(name),
            '","description":"A model whose answers can be checked on chain.",',
            '"attributes":[{"trait_type":"Versions","value":',
            Strings.toString(versions),
            "}"
        );
        if (versions != 0) {
            string memory value = Strings.toHexString(uint256(newest), 32);
            json = abi.encodePacked(json, ',{"trait_type":"Newest version","value":"', value, '"}');
        }
        return string.concat("data:application/json;base64,", Base64.encode(bytes.concat(json, "]}")));
        // solhint-enable quotes
    }
}
