import { Command, InvalidArgumentError } from "commander";
import { hexlify, isHexString } from "ethers";

import { AssayError } from "../../../../circuits/format/error.ts";
import { readAt } from "../../../sdk/access.ts";
import type { Client } from "../../../sdk/index.ts";
import { checkNitroRules, NITRO_RULES } from "../../../tee/nitro/verify-document.ts";
import { Collateral } from "../../../tee/verify/collateral.ts";
import { outcomesOf } from "../../../tee/verify/outcomes.ts";
import { STRICT_POLICY } from "../../../tee/verify/policy.ts";
import { INTEL_ROOT } from "../../../tee/verify/root.ts";
import { RULES } from "../../../tee/verify/rules.ts";
import { checkRules } from "../../../tee/verify/verify-quote.ts";
import { type ChainOptions, connect, withChainOptions } from "../../chain-options.ts";
import { type ChainCollateral, collateralIn, collateralOnChain, readRoot } from "../../collateral-source.ts";
import { readBytes, readEvidence } from "../../evidence-file.ts";
import { type ReportOptions, reportVerdict } from "../../verdict-report.ts";

class VerifyCommandError extends AssayError {
  declare readonly code: "ON_CHAIN_OPTIONS";
}

interface Options extends ChainOptions, ReportOptions {
  readonly root?: string;
  /** False: none. */
  readonly collateral?: string | false;
  readonly simulated: boolean;
  readonly verifier?: number;
  readonly at?: number;
  readonly onChain: boolean;
}

export function verifyQuoteCommand(): Command {
  const command = new Command("verify")
    .description(
      "verify a quote or attestation document on this machine by the rules of the contracts, one after the other",
    )
    .argument("<file>", "of SGX, TDX or AWS Nitro, as it is or in hexadecimal or base64")
    .option("--collateral <dir>", "files as Intel's service serves them, and policy.json; default: from the chain")
    .option("--no-collateral", "without what Intel says of the platform: only certificates and signatures can hold")
    .option(
      "--root <key>",
      "the root to trust: of quotes 64 bytes or a PEM file, of Nitro a DER file; default: the maker's",
    )
    .option("--simulated", "take the deployment's verifier of SIMULATED quotes, and its root", false)
    .option("--verifier <number>", "take this quote verifier, by its number in the registry", toNumber)
    .option("--at <time>", "when it must hold: a date, or seconds since 1970; default: now, or the last block", toTime)
    .option("--report-data <hex>", "the 64 bytes that it must carry", toHex(64))
    .option("--measurement <hex>", "the measurement that it must have", toHex(32))
    .option("--on-chain", "ask the contract, too, and compare", false);
  return withChainOptions(command).action(run);
}

async function run(path: string, options: Options): Promise<void> {
  const { kind, bytes } = await readEvidence(path);
  const offChain = options.collateral !== undefined || kind === "nitro";
  if (options.onChain && (offChain || options.at !== undefined))
    throw new VerifyCommandError("ON_CHAIN_OPTIONS", "--on-chain goes with quotes, and without --collateral and --at");
  if (kind === "nitro") await verifyDocument(bytes, options);
  else if (options.collateral !== undefined) await verifyByFiles(bytes, options.collateral, options);
  else await verifyByChain(bytes, options);
}

async function verifyDocument(document: Uint8Array, options: Options): Promise<void> {
  const root = options.root === undefined ? undefined : await readBytes(options.root);
  const parameters = { now: options.at ?? clock(), ...(root !== undefined && { root }) };
  const { rules, findings, failure } = outcomesOf(NITRO_RULES, checkNitroRules(document, parameters));
  const found = findings && { ...findings, reportData: findings.userData, validUntil: null };
  reportVerdict({ rules, findings: found, failure }, options);
}

async function verifyByFiles(quote: Uint8Array, directory: string | false, options: Options): Promise<void> {
  const now = options.at ?? clock();
  const root = await rootOf(options);
  const collateral =
    directory === false
      ? new Collateral(root ?? INTEL_ROOT, STRICT_POLICY)
      : await collateralIn(directory, quote, { root, now });
  reportVerdict(outcomesOf(RULES, checkRules(quote, { collateral, now })), options);
}

async function verifyByChain(quote: Uint8Array, options: Options): Promise<void> {
  const { verifier, simulated } = options;
  const root = await rootOf(options);
  const client = await connect(options);
  try {
    const source = await collateralOnChain(client, { root, simulated, ...(verifier !== undefined && { verifier }) });
    const { collateral } = source;
    const verdict = outcomesOf(RULES, checkRules(quote, { collateral, now: options.at ?? source.now }));
    reportVerdict(verdict, options, options.onChain ? await askContract(client, source, quote) : undefined);
  } finally {
    client.provider.destroy();
  }
}

const clock = () => Math.floor(Date.now() / 1000);
const rootOf = async ({ root }: Options) => (root === undefined ? undefined : readRoot(root));

/** "passes", or the name of the contract's error. */
async function askContract(
  client: Client,
  { verifier, blockNumber }: ChainCollateral,
  quote: Uint8Array,
): Promise<string> {
  const data: `0x${string}` = `0x${hexlify(quote).slice(2)}`;
  const call = { contract: "dcapQuoteVerifier", functionName: "inspect", args: [data], blockTag: blockNumber } as const;
  try {
    await readAt(client, verifier, call);
    return "passes";
  } catch (error) {
    if (error instanceof AssayError && !error.retryable) return error.code;
    throw error;
  }
}

function toHex(count: number) {
  return (text: string): string => {
    const digits = `0x${text.replace(/^0x/, "").toLowerCase()}`;
    if (!isHexString(digits, count)) throw new InvalidArgumentError(`write ${count} bytes in hexadecimal`);
    return digits;
  };
}

function toTime(text: string): number {
  const seconds = /^\d+$/.test(text) ? Number(text) : Date.parse(text) / 1000;
  if (!Number.isFinite(seconds))
    throw new InvalidArgumentError("write a date such as 2026-01-15T00:00:00Z, or seconds");
  return Math.floor(seconds);
}

function toNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("write a whole number");
  return Number(text);
}
