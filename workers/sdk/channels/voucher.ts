import { AbiCoder, getAddress, keccak256, recoverAddress, type Signer, TypedDataEncoder } from "ethers";

/** Where the contract of channels is. */
export interface ChannelsPlace {
  readonly chainId: number;
  readonly channels: string;
}

/** Who pays whom; the contract keeps only a status under the channel's id. */
export interface Channel {
  readonly payer: string;
  readonly payee: string;
  /** Whose signature a voucher needs: the payer, another key of it, or an ERC-1271 contract. */
  readonly signer: string;
  /** 32 bytes that tell channels between the same two apart. */
  readonly salt: string;
}

const VOUCHER_TYPE = {
  Voucher: [
    { name: "channelId", type: "bytes32" },
    { name: "total", type: "uint128" },
  ],
};

/** `keccak256(abi.encode(chainid, channels, channel))`, as the contract computes it. */
export function channelIdOf({ chainId, channels }: ChannelsPlace, channel: Channel): string {
  const { payer, payee, signer, salt } = channel;
  return keccak256(
    AbiCoder.defaultAbiCoder().encode(
      ["uint256", "address", "address", "address", "address", "bytes32"],
      [chainId, channels, payer, payee, signer, salt],
    ),
  );
}

/** The EIP-712 digest that the channel's signer signs. `total` is all that the channel has earned the payee so far. */
export function voucherDigest(place: ChannelsPlace, channel: Channel, total: bigint): string {
  return TypedDataEncoder.hash(domainOf(place), VOUCHER_TYPE, { channelId: channelIdOf(place, channel), total });
}

/** Signs a voucher with the key of the channel's signer, or of the owner of its contract. */
export function signVoucher(
  signer: Pick<Signer, "signTypedData">,
  place: ChannelsPlace,
  channel: Channel,
  total: bigint,
): Promise<string> {
  return signer.signTypedData(domainOf(place), VOUCHER_TYPE, { channelId: channelIdOf(place, channel), total });
}

/**
 * Whether the channel's signer, if it is a key, signed that total. A signer that is a contract decides for itself: ask
 * the contract of channels, with `isSigned`.
 */
export function isVoucherSigned(place: ChannelsPlace, channel: Channel, total: bigint, signature: string): boolean {
  // The chain takes signatures of 65 bytes that end with 27 or 28 only; ethers would read other endings as one of them.
  if (!/^0x[0-9a-f]{128}(1b|1c)$/i.test(signature)) return false;
  const digest = voucherDigest(place, channel, total);
  try {
    return recoverAddress(digest, signature) === getAddress(channel.signer);
  } catch {
    return false;
  }
}

function domainOf({ chainId, channels }: ChannelsPlace) {
  return { name: "Assay Channels", version: "1", chainId, verifyingContract: channels };
}
