import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { type Addressable, type Contract, resolveAddress, type TransactionResponse, zeroPadValue } from "ethers";
import { network } from "hardhat";

import type { ChannelStruct, PaymentChannels } from "../../types/ethers-contracts/contracts/PaymentChannels.ts";
import { type Channel, type ChannelsPlace, channelIdOf, signVoucher } from "../../workers/sdk/channels/voucher.ts";

/** One chain for the tests of channels and anchors. */
export const connection = await network.create();
export const { ethers, networkHelpers } = connection;

export const ETHER = 10n ** 18n;
export const DEPOSIT = ETHER;
export const DISPUTE_WINDOW = 3_600n;
export const CHANNEL_STATE = { None: 0n, Open: 1n, Closing: 2n, Closed: 3n } as const;
export const CODE = { Collected: 0n, NotOpen: 1n, NothingNew: 2n, SignatureInvalid: 3n } as const;

/** The settlement currency of a test: the native coin if there is no token. */
export interface Money {
  readonly address: string;
  readonly token: Contract | undefined;
  /** What a payable call carries for an amount. */
  readonly value: (amount: bigint) => { readonly value: bigint };
  readonly held: (by: string | Addressable) => Promise<bigint>;
}

export const nativeCoin: Money = {
  address: zeroPadValue("0x", 20),
  token: undefined,
  value: (amount) => ({ value: amount }),
  held: async (by) => ethers.provider.getBalance(by),
};

/** One of the tokens in `tokens/`, of which every account has plenty. */
export async function tokenMoney(name: string): Promise<Money> {
  const token = await ethers.deployContract(name);
  for (const account of await ethers.getSigners()) await token.getFunction("mint")(account, 1_000n * ETHER);
  return {
    address: await token.getAddress(),
    token,
    value: () => ({ value: 0n }),
    held: async (by) => BigInt(String(await token.getFunction("balanceOf")(by))),
  };
}

/** Lets a contract take as much as it likes from every account. */
export async function allow({ token }: Money, spender: Addressable): Promise<void> {
  if (token === undefined) return;
  for (const account of await ethers.getSigners())
    await token.connect(account).getFunction("approve")(spender, ethers.MaxUint256);
}

export type Channels = Awaited<ReturnType<typeof channelsWith>>;

export const nativeChannels = () => channelsWith(nativeCoin);
export const tokenChannels = async () => channelsWith(await tokenMoney("PermitToken"));

export async function channelsWith(money: Money) {
  const [payer, payee, otherPayee, signer, stranger] = await ethers.getSigners();
  if (!payer || !payee || !otherPayee || !signer || !stranger) throw new Error("too few accounts");
  const channels = await ethers.getContractAt(
    "PaymentChannels",
    await ethers.deployContract("PaymentChannels", [money.address, DISPUTE_WINDOW]),
  );
  await allow(money, channels);
  const { chainId } = await ethers.provider.getNetwork();
  const place: ChannelsPlace = { chainId: Number(chainId), channels: await channels.getAddress() };
  return { payer, payee, otherPayee, signer, stranger, channels, money, place };
}

export async function channelOf(
  { payer, payee }: Pick<Channels, "payer" | "payee">,
  overrides: Partial<Channel> = {},
): Promise<Channel> {
  const [from, to] = [await resolveAddress(payer), await resolveAddress(payee)];
  return { payer: from, payee: to, signer: from, salt: ethers.ZeroHash, ...overrides };
}

/** Opens a channel of the payer. */
export async function opened(base: Channels, overrides: Partial<Channel> = {}, deposit = DEPOSIT) {
  const channel = await channelOf(base, overrides);
  await base.channels.connect(base.payer).open(channel, deposit, base.money.value(deposit));
  return { channel, channelId: channelIdOf(base.place, channel) };
}

export async function voucherOf(
  base: Pick<Channels, "place">,
  channel: Channel,
  total: bigint,
  signer: HardhatEthersSigner,
): Promise<{ channel: ChannelStruct; total: bigint; signature: string }> {
  return { channel, total, signature: await signVoucher(signer, base.place, channel, total) };
}

/** Fails unless the contract holds exactly what it owes to channels and accounts. */
export async function expectSolvent(
  { channels, money }: { channels: PaymentChannels; money: Money },
  channelIds: readonly string[],
): Promise<void> {
  let owed = 0n;
  for (const account of await ethers.getSigners()) owed += await channels.balanceOf(account);
  for (const channelId of channelIds) {
    const { deposit, collected } = await channels.statusOf(channelId);
    owed += deposit - collected;
  }
  const had = await money.held(channels);
  if (had !== owed) throw new Error(`the contract holds ${had} and owes ${owed}`);
}

export async function gasOf(sending: Promise<TransactionResponse>): Promise<number> {
  const receipt = await (await sending).wait();
  if (receipt === null) throw new Error("the transaction was not mined");
  return Number(receipt.gasUsed);
}

export function salt(number: number): string {
  return ethers.toBeHex(number, 32);
}
