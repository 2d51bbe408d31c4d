import type { BaseContract, ContractTransactionResponse } from "ethers";

import type { RequestStruct } from "../../../types/ethers-contracts/contracts/interfaces/IInferenceMarket.ts";
import { type Deployed, ETHER, ethers, lastJob, type RequestedJob, requestOf, served } from "../fixture.ts";

export const MOOD = {
  Good: 0,
  Reverts: 1,
  BurnsGas: 2,
  ReturnsBomb: 3,
  RevertsWithBomb: 4,
  ReEnters: 5,
  SelfDestructs: 6,
  AsksAgain: 7,
  Probes: 8,
} as const;
export type Mood = keyof typeof MOOD;

/** What consumers are given in these tests. */
export const CALLBACK_GAS = 200_000n;
/** More than any call here needs, so that no estimate decides what a consumer gets. */
export const PLENTY = { gasLimit: 6_000_000n };

export type Consuming = Awaited<ReturnType<typeof consuming>>;

/** One worker, and a consumer that has money in the market. */
export async function consuming() {
  const base = await served();
  const consumer = await ethers.deployContract("MoodyConsumer", [base.market]);
  await base.market.deposit(consumer, ETHER, { value: ETHER });
  return { ...base, consumer };
}

/** Makes the consumer ask. */
export async function ask(
  { consumer, versionId, ...base }: Pick<Consuming, "consumer" | "versionId" | "market">,
  overrides: Partial<RequestStruct> = {},
): Promise<RequestedJob> {
  await asking({ consumer, versionId }, overrides);
  return lastJob(base);
}

export async function asking(
  { consumer, versionId }: { readonly consumer: BaseContract; readonly versionId: string },
  overrides: Partial<RequestStruct> = {},
  gasLimit = 1_000_000n,
): Promise<ContractTransactionResponse> {
  const request = requestOf(versionId, { callbackGas: CALLBACK_GAS, ...overrides });
  return consumer.getFunction("ask").send(request, "0x03", { gasLimit });
}

/** What the consumer does when it is called next; some moods need a call to the market. */
export async function setMood({ consumer }: { readonly consumer: BaseContract }, mood: Mood, call = "0x") {
  await consumer.getFunction("setMood").send(MOOD[mood], call);
}

/** What the consumer knows. */
export async function told({ consumer }: { readonly consumer: BaseContract }) {
  const read = async (name: string): Promise<unknown> => consumer.getFunction(name).staticCall();
  return {
    answer: await read("answer"),
    isFinal: await read("isFinal"),
    revocations: await read("revocations"),
    gasSeen: BigInt(String(await read("gasSeen"))),
    probeDone: await read("probeDone"),
    probeResult: String(await read("probeResult")),
  };
}

/** The reason that the market tells of a failed callback, if there was one. */
export async function reasonOf(
  { market }: Pick<Deployed, "market">,
  sending: Promise<ContractTransactionResponse>,
): Promise<string | undefined> {
  const receipt = await (await sending).wait();
  for (const log of receipt?.logs ?? []) {
    const event = market.interface.parseLog(log);
    if (event?.name === "CallbackFailed") return String(event.args[1]);
  }
  return undefined;
}

export async function gasUsed(sending: Promise<ContractTransactionResponse>): Promise<bigint> {
  const receipt = await (await sending).wait();
  if (receipt === null) throw new Error("the transaction was not mined");
  return receipt.gasUsed;
}
