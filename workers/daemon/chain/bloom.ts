import { getBytes, keccak256 } from "ethers";

/** What a bloom filter is made of. */
export interface Logged {
  readonly address: string;
  readonly topics: readonly string[];
}

const BYTES = 256;

/** The filter of these logs, as in the header of a block that holds them. */
export function bloomOf(logs: readonly Logged[]): Uint8Array {
  const bloom = new Uint8Array(BYTES);
  for (const { address, topics } of logs) for (const item of [address, ...topics]) add(bloom, item);
  return bloom;
}

/** False: no log is of this address. True: one may be. */
export function mayHold(bloom: Uint8Array, address: string): boolean {
  const wanted = new Uint8Array(BYTES);
  add(wanted, address);
  return isWithin(wanted, bloom);
}

/** Every bit of one is in the other. */
export function isWithin(part: Uint8Array, whole: Uint8Array): boolean {
  return part.every((byte, index) => (byte & ~(whole[index] ?? 0)) === 0);
}

/** Some chains leave the filters of their headers empty, or set every bit: that says nothing of the logs. */
export function saysNothing(bloom: Uint8Array): boolean {
  return bloom.length !== BYTES || bloom.every((byte) => byte === 0) || bloom.every((byte) => byte === 0xff);
}

/** Three bits, each by eleven bits of the item's hash. */
function add(bloom: Uint8Array, item: string): void {
  const hash = getBytes(keccak256(item));
  for (const pair of [0, 2, 4]) {
    const bit = (((hash[pair] ?? 0) << 8) | (hash[pair + 1] ?? 0)) & 0x7ff;
    const place = BYTES - 1 - (bit >> 3);
    bloom[place] = (bloom[place] ?? 0) | (1 << (bit & 7));
  }
}
