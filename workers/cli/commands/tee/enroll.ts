import { readFile } from "node:fs/promises";

import { Command, InvalidArgumentError } from "commander";
import { getBytes, hexlify, isAddress, isHexString, randomBytes, SigningKey, type TransactionReceipt } from "ethers";

import { AssayError } from "../../../../circuits/format/error.ts";
import { blockToBind, type Enrolment, findQuoteVerifier, makeEnrolment } from "../../../daemon/index.ts";
import { type Client, read, send, write } from "../../../sdk/index.ts";
import { type ChainOptions, connectWithKey, withChainOptions } from "../../chain-options.ts";
import { enclaveOf } from "../../enclave.ts";
import { createOutput, type Output } from "../../output.ts";
import { readWorkerFile, type WorkerFile } from "../../worker-file.ts";

class EnrollError extends AssayError {
  declare readonly code: "ENROLL_SOURCE" | "ENCLAVE_MISSING" | "FILE_MISSING" | "FILE_INVALID";
}

interface Options extends ChainOptions {
  readonly quote?: string;
  readonly keySignature?: string;
  readonly enclaveKey?: string;
  readonly worker?: string;
  readonly block?: bigint;
  readonly verifier?: bigint;
  readonly json: boolean;
}

export function enrollCommand(): Command {
  const command = new Command("enroll")
    .description(
      "enrol an enclave by hand: a fresh one of this machine, to try it, or by a quote that was made elsewhere",
    )
    .argument("[worker.json]", "make a key and a quote as this worker would; the key is gone afterwards")
    .option("--quote <file>", "a quote, its bytes or hexadecimal")
    .option("--key-signature <file>", "the enclave key's signature of the enrolment, 65 bytes or hexadecimal")
    .option("--enclave-key <address>", "of the enclave's key", toAddress)
    .option("--worker <address>", "key of the worker that the enclave signs for", toAddress)
    .option("--block <number>", "the block that the quote binds", toInteger)
    .option("--verifier <number>", "the quote verifier, by its number in the registry", toInteger)
    .addHelpText("after", "\nPays with ASSAY_PRIVATE_KEY; with a worker.json the enclave is enrolled for that key.");
  return withChainOptions(command).action(run);
}

async function run(path: string | undefined, options: Options): Promise<void> {
  const output = createOutput(options.json);
  const file = path === undefined ? undefined : await readWorkerFile(path);
  const client = await connectWithKey(file ?? options);
  try {
    const enrolment =
      file === undefined ? await givenEnrolment(options) : await ownEnrolment(client, file, options, output);
    const receipt = await write(client, { contract: "enclaveRegistry", functionName: "enroll", args: [enrolment] });
    await report(client, enrolment, receipt, output);
  } finally {
    client.provider.destroy();
  }
}

/** Throws what the worker's quote provider throws. */
async function ownEnrolment(client: Client, file: WorkerFile, options: Options, output: Output): Promise<Enrolment> {
  if (options.quote !== undefined)
    throw new EnrollError("ENROLL_SOURCE", "give a worker.json or a quote in a file, not both");
  if (file.enclave === undefined)
    throw new EnrollError("ENCLAVE_MISSING", "the configuration has no `enclave`: it says who makes quotes");
  const { quoteProvider: provider, verifierId } = enclaveOf(file.enclave);
  const worker = (await client.signer?.getAddress()) ?? "";
  const verifier = await findQuoteVerifier(client, provider, { verifierId: options.verifier ?? verifierId });
  const key = new SigningKey(randomBytes(32));
  for (;;) {
    const blockNumber = blockToBind(await client.provider.getBlockNumber(), file.confirmations);
    const enrolment = await makeEnrolment({ client, provider, verifierId: verifier.id, key, worker, blockNumber });
    const preparation = await provider.preparation?.(getBytes(enrolment.quote), verifier.address, client);
    if (!preparation) return enrolment;
    const { gasUsed } = await send(client, preparation);
    output.progress(`${preparation.label}: ${gasUsed} gas`);
  }
}

async function givenEnrolment(options: Options): Promise<Enrolment> {
  const { quote, keySignature, enclaveKey, worker, block, verifier } = options;
  const given = { quote, keySignature, enclaveKey, worker, block, verifier };
  if (!isComplete(given))
    throw new EnrollError(
      "ENROLL_SOURCE",
      "give a worker.json, or all of --quote, --key-signature, --enclave-key, --worker, --block and --verifier",
    );
  return {
    verifierId: given.verifier,
    enclaveKey: given.enclaveKey,
    worker: given.worker,
    blockNumber: given.block,
    quote: hexlify(await bytesIn(given.quote)),
    keySignature: hexlify(await bytesIn(given.keySignature)),
  };
}

type Complete<T> = { readonly [K in keyof T]: Exclude<T[K], undefined> };

function isComplete<T extends object>(given: T): given is T & Complete<T> {
  return Object.values(given).every((value) => value !== undefined);
}

async function report(client: Client, enrolment: Enrolment, receipt: TransactionReceipt, output: Output) {
  const { enclaveKey, worker, verifierId } = enrolment;
  const at = { contract: "enclaveRegistry" } as const;
  const { measurement, simulated, expiresAt } = await read(client, {
    ...at,
    functionName: "enclaveOf",
    args: [enclaveKey],
  });
  const accepted = await read(client, { ...at, functionName: "isAccepted", args: [measurement] });
  const { gasUsed, hash: transactionHash } = receipt;
  const found = { enclaveKey, worker, verifierId, measurement, accepted, simulated, expiresAt: Number(expiresAt) };
  output.result(
    { ok: true, ...found, gasUsed, transactionHash, diagnostics: [] },
    [
      `enclave ${enclaveKey} is enrolled for ${worker}`,
      `  until ${new Date(found.expiresAt * 1000).toISOString()}, for ${gasUsed} gas`,
      `  measurement ${measurement}, ${accepted ? "which the deployment accepts" : "which only versions that name it accept"}`,
      ...(simulated ? ["  SIMULATED: no hardware is behind it"] : []),
    ].join("\n"),
  );
}

async function bytesIn(path: string): Promise<Uint8Array> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    throw new EnrollError("FILE_MISSING", `${path} cannot be read`, { cause, details: { path } });
  }
  const text = bytes.toString("latin1").trim().replace(/^0x/, "");
  if (bytes.length === 0) throw new EnrollError("FILE_INVALID", `${path} is empty`, { details: { path } });
  return isHexString(`0x${text}`) && text.length % 2 === 0 ? getBytes(`0x${text}`) : bytes;
}

function toAddress(text: string): string {
  if (!isAddress(text)) throw new InvalidArgumentError("It is not an address.");
  return text;
}

function toInteger(text: string): bigint {
  if (!/^\d{1,20}$/.test(text)) throw new InvalidArgumentError("It is not a whole number.");
  return BigInt(text);
}
