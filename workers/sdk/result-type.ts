/** EIP-712 type of what evidence binds, in the domain of the market or, for receipts, of the anchors. */
export const RESULT_TYPE = {
  Result: [
    { name: "jobId", type: "bytes32" },
    { name: "versionId", type: "bytes32" },
    { name: "inputHash", type: "bytes32" },
    { name: "outputHash", type: "bytes32" },
    { name: "worker", type: "address" },
    { name: "deadline", type: "uint40" },
  ],
};
