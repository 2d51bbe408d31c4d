import { decodeRlp, encodeRlp, keccak256, toBeArray } from "ethers";

/** The fields of a block's header in the order of their hash; later forks added the last ones, one after the other. */
const FIELDS = [
  "parentHash",
  "sha3Uncles",
  "miner",
  "stateRoot",
  "transactionsRoot",
  "receiptsRoot",
  "logsBloom",
  "difficulty",
  "number",
  "gasLimit",
  "gasUsed",
  "timestamp",
  "extraData",
  "mixHash",
  "nonce",
  "baseFeePerGas",
  "withdrawalsRoot",
  "blobGasUsed",
  "excessBlobGas",
  "parentBeaconBlockRoot",
  "requestsHash",
] as const;
const NUMBERS: readonly string[] = [
  "difficulty",
  "number",
  "gasLimit",
  "gasUsed",
  "timestamp",
  "baseFeePerGas",
  "blobGasUsed",
  "excessBlobGas",
];

export interface BlockHeader {
  readonly hash: string;
  readonly number: bigint;
  /** Seconds. */
  readonly timestamp: number;
}

/**
 * A header in RLP from a block as nodes answer it in JSON. Undefined for a chain whose headers have other fields: then the
 * bytes would not hash to the block's hash.
 */
export function encodeHeader(block: Readonly<Record<string, unknown>>): string | undefined {
  const values: string[] = [];
  for (const name of FIELDS) {
    const value = block[name];
    if (typeof value !== "string") break;
    values.push(value);
  }
  try {
    const encoded = encodeRlp(values.map((value, index) => fieldOf(FIELDS[index] ?? "", value)));
    return keccak256(encoded) === block["hash"] ? encoded : undefined;
  } catch {
    return undefined;
  }
}

/** Undefined if the bytes are no header. */
export function decodeHeader(encoded: string): BlockHeader | undefined {
  try {
    const fields = decodeRlp(encoded);
    const [number, timestamp] = [fields[FIELDS.indexOf("number")], fields[FIELDS.indexOf("timestamp")]];
    if (typeof number !== "string" || typeof timestamp !== "string") return undefined;
    return { hash: keccak256(encoded), number: quantityOf(number), timestamp: Number(quantityOf(timestamp)) };
  } catch {
    return undefined;
  }
}

/** Quantities have no leading zeros in RLP; all else keeps its length. */
function fieldOf(name: string, value: string): string | Uint8Array {
  return NUMBERS.includes(name) ? toBeArray(value) : value;
}

function quantityOf(hex: string): bigint {
  return hex === "0x" ? 0n : BigInt(hex);
}
