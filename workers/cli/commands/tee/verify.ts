import { Command, InvalidArgumentError } from "commander";
import { hexlify, isHexString } from "ethers";

import { AssayError } from "../../../../circuits/format/error.ts";
import { readAt } from "../../../sdk/access.ts";
import type { Client } from "../../../sdk/index.ts";
import { outcomesOf, type Verdict } from "../../../tee/verify/outcomes.ts";
import { RULES } from "../../../tee/verify/rules.ts";
import type { QuoteFindings } from "../../../tee/verify/verify-quote.ts";
import { type ChainOptions, connect, withChainOptions } from "../../chain-options.ts";
import { type ChainCollateral, collateralIn, collateralOnChain, readRoot } from "../../collateral-source.ts";
import { readQuote } from "../../evidence-file.ts";
import { createOutput, type Diagnostic } from "../../output.ts";

class VerifyCommandError extends AssayError {
  declare readonly code: "ON_CHAIN_OPTIONS";
}

interface Options extends ChainOptions {
  readonly root?: string;
  readonly collateral?: string;
  readonly simulated: boolean;
  readonly verifier?: number;
  readonly at?: number;
  readonly reportData?: string;
  readonly measurement?: string;
  readonly onChain: boolean;
  readonly json: boolean;
}

export function verifyQuoteCommand(): Command {
  const command = new Command("verify")
    .description("verify a quote of an enclave on this machine by the rules of the contracts, one after the other")
    .argument("<file>", "the quote, as it is or in hexadecimal or base64")
    .option("--collateral <dir>", "files as Intel's service serves them, and policy.json; default: from the chain")
    .option("--root <key>", "the root to trust: 64 bytes in hexadecimal, or a PEM file; default: Intel's", undefined)
    .option("--simulated", "take the deployment's verifier of SIMULATED quotes, and its root", false)
    .option("--verifier <number>", "take this quote verifier, by its number in the registry", toNumber)
    .option("--at <time>", "when it must hold: a date, or seconds since 1970; default: now, or the last block", toTime)
    .option("--report-data <hex>", "the 64 bytes that it must carry", toHex(64))
    .option("--measurement <hex>", "the measurement that it must have", toHex(32))
    .option("--on-chain", "ask the contract, too, and compare", false);
  return withChainOptions(command).action(run);
}

async function run(path: string, options: Options): Promise<void> {
  if (options.onChain && (options.collateral !== undefined || options.at !== undefined))
    throw new VerifyCommandError(
      "ON_CHAIN_OPTIONS",
      "the contract has its own collateral and time: leave out the others",
    );
  const evidence = await readQuote(path);
  const root = options.root === undefined ? undefined : await readRoot(options.root);
  if (options.collateral !== undefined) {
    const now = options.at ?? Math.floor(Date.now() / 1000);
    const collateral = await collateralIn(options.collateral, evidence, { root, now });
    report(outcomesOf(evidence, { collateral, now }), undefined, options);
    return;
  }
  const client = await connect(options);
  try {
    const { verifier, simulated } = options;
    const source = await collateralOnChain(client, { root, simulated, ...(verifier !== undefined && { verifier }) });
    const verdict = outcomesOf(evidence, { ...source, now: options.at ?? source.now });
    report(verdict, options.onChain ? await askContract(client, source, evidence) : undefined, options);
  } finally {
    client.provider.destroy();
  }
}

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

function report({ rules, findings, failure }: Verdict, onChain: string | undefined, options: Options): void {
  const verdict = failure?.code ?? "passes";
  const diagnostics = [
    ...(failure === null ? [] : [diagnostic(failure.code, failure.message)]),
    ...mismatches(findings, options),
    ...(onChain === undefined || onChain === verdict
      ? []
      : [diagnostic("VERDICTS_DIFFER", `here: ${verdict}, on chain: ${onChain}`)]),
  ];
  const lines = rules.map(
    ({ rule, outcome, found }) => `${MARKS[outcome]}  ${RULES[rule]}${found === "" ? "" : `: ${found}`}`,
  );
  createOutput(options.json).result(
    { ok: diagnostics.length === 0, verdict, rules, findings, ...(onChain !== undefined && { onChain }), diagnostics },
    [
      ...lines,
      ...(findings === null ? [] : findingLines(findings)),
      ...(onChain === undefined ? [] : [`the contract says: ${onChain}`]),
    ].join("\n"),
  );
  if (diagnostics.length === 0) return;
  if (!options.json) for (const { code, message } of diagnostics) process.stderr.write(`${code}: ${message}\n`);
  process.exitCode = 1;
}

const MARKS = { passed: "ok  ", failed: "FAIL", unchecked: "-   " } as const;

function findingLines({ simulated, measurement, reportData, validUntil }: QuoteFindings): string[] {
  return [
    `measurement ${measurement}`,
    `report data ${reportData}`,
    `counts until ${new Date(validUntil * 1000).toISOString()}`,
    ...(simulated ? ["SIMULATED: the root is not Intel's, and nothing shows that there is hardware"] : []),
  ];
}

function mismatches(findings: QuoteFindings | null, { reportData, measurement }: Options): Diagnostic[] {
  if (findings === null) return [];
  const { reportData: hadData, measurement: hadMeasurement } = findings;
  return [
    ...(reportData === undefined || reportData === hadData
      ? []
      : [diagnostic("ReportDataMismatch", `the report data is not ${reportData}`)]),
    ...(measurement === undefined || measurement === hadMeasurement
      ? []
      : [diagnostic("MEASUREMENT_MISMATCH", `the measurement is not ${measurement}`)]),
  ];
}

const diagnostic = (code: string, message: string): Diagnostic => ({ code, node: null, op: null, message });

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
