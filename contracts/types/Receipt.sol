// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {resultHash} from "./Result.sol";

/// @notice What a worker signs when it answers off chain. An answer that comes with a proof or an enclave's signature
/// needs no anchor; a receipt is for one that rests on stake, so it names no level.
struct Receipt {
    bytes32 versionId;
    bytes32 inputHash;
    bytes32 outputHash;
    /// Who asked, and gets a share of the stake if the answer is not shown to be right; may be zero.
    address requester;
    /// Key of the worker that answered.
    address worker;
    uint40 answeredAt;
    /// Keeps receipts of equal answers apart.
    uint64 nonce;
}

using ReceiptLibrary for Receipt global;

/// @notice EIP-712 structs; who uses them adds the domain.
library ReceiptLibrary {
    bytes32 private constant RECEIPT_TYPEHASH = keccak256(
        "Receipt(bytes32 versionId,bytes32 inputHash,bytes32 outputHash,address requester,address worker,uint40 answeredAt,uint64 nonce)"
    );

    function structHash(Receipt calldata receipt) internal pure returns (bytes32) {
        return keccak256(abi.encode(RECEIPT_TYPEHASH, receipt));
    }

    /// @notice What evidence shows of a receipt, with its leaf for a job and the time of the answer for a deadline.
    function resultStructHash(Receipt calldata receipt, bytes32 leaf) internal pure returns (bytes32) {
        return
            resultHash(
                leaf,
                receipt.versionId,
                receipt.inputHash,
                receipt.outputHash,
                receipt.worker,
                receipt.answeredAt
            );
    }
}
