import { readFile } from "node:fs/promises";

import { Command, InvalidArgumentError } from "commander";

import { AssayError } from "../../../../circuits/format/error.ts";
import { CollateralFileError, readChain, readList, readSigned, withIssuer } from "../../../tee/collateral/pcs-files.ts";
import { type ChainOptions, connect, connectWithKey, withChainOptions } from "../../chain-options.ts";
import { findDcapContracts } from "../../dcap-contracts.ts";
import { createOutput } from "../../output.ts";
import {
  type CollateralOnChain,
  collateralOnChain,
  familyOf,
  type Posted,
  postCollateral,
} from "../../post-collateral.ts";

interface Options extends ChainOptions {
  readonly tcbInfo: readonly string[];
  readonly identity: readonly string[];
  readonly signerChain?: string;
  readonly crl: readonly string[];
  readonly crlChain?: string;
  readonly simulated: boolean;
  readonly verifier?: number;
  readonly json: boolean;
}

export function collateralCommand(): Command {
  const command = new Command("collateral")
    .description("post what Intel says of its platforms, from files as its service serves them, and show what there is")
    .option("--tcb-info <file...>", "TCB infos: answers of .../certification/v4/tcb", [])
    .option("--identity <file...>", "identities of quoting enclaves: answers of .../qe/identity", [])
    .option("--signer-chain <file>", "their header …-Issuer-Chain, percent-encoded or plain")
    .option("--crl <file...>", "revocation lists, in DER, PEM or hexadecimal", [])
    .option("--crl-chain <file>", "the header SGX-PCK-CRL-Issuer-Chain: the root's list has its issuer there, too")
    .option("--simulated", "of the verifier of SIMULATED quotes", false)
    .option("--verifier <number>", "of this quote verifier, by its number in the registry", toNumber)
    .addHelpText(
      "after",
      "\nWithout files it shows only what the chain has. Posting signs with ASSAY_PRIVATE_KEY; anyone may post.",
    );
  return withChainOptions(command).action(run);
}

async function run(options: Options): Promise<void> {
  const output = createOutput(options.json);
  const files = await readFiles(options);
  const isPosting = files.tcbInfos.length + files.identities.length + files.lists.length > 0;
  const client = await (isPosting ? connectWithKey(options) : connect(options));
  try {
    const { simulated, verifier } = options;
    const verifierId = verifier === undefined ? undefined : BigInt(verifier);
    const contracts = await findDcapContracts(client, { simulated, verifierId });
    const posted = await postCollateral(client, contracts, files, output);
    const issuers = files.lists.map(({ issuerChain }) => issuerChain);
    const chain = await collateralOnChain(client, contracts, files.tcbInfos.map(familyOf), issuers);
    output.result(
      { ok: true, verifierId: contracts.verifierId, posted, chain, diagnostics: [] },
      [...posted.map(postedLine), ...chainLines(chain)].join("\n"),
    );
  } finally {
    client.provider.destroy();
  }
}

async function readFiles({ tcbInfo, identity, signerChain, crl, crlChain }: Options) {
  requireWith("--signer-chain", signerChain, tcbInfo.length + identity.length > 0);
  requireWith("--crl-chain", crlChain, crl.length > 0);
  const issuers = crlChain === undefined ? [] : readChain(await textOf(crlChain));
  const named = <T>(path: string, read: () => T): T => {
    try {
      return read();
    } catch (cause) {
      if (!(cause instanceof AssayError)) throw cause;
      throw new CollateralFileError(`${path}: ${cause.message}`, cause);
    }
  };
  return {
    tcbInfos: await Promise.all(
      tcbInfo.map(async (path) => {
        const text = await textOf(path);
        return named(path, () => readSigned(text, "tcbInfo"));
      }),
    ),
    identities: await Promise.all(
      identity.map(async (path) => {
        const text = await textOf(path);
        return named(path, () => readSigned(text, "enclaveIdentity"));
      }),
    ),
    signerChain: signerChain === undefined ? [] : readChain(await textOf(signerChain)),
    lists: await Promise.all(
      crl.map(async (path) => {
        const file = await bytesOf(path);
        return named(path, () => withIssuer(readList(file), issuers));
      }),
    ),
  };
}

function requireWith(flag: string, value: string | undefined, isNeeded: boolean): void {
  if (isNeeded && value === undefined)
    throw new CollateralFileError(`give ${flag}: the chain must lead from the root to who signed the files`);
}

async function bytesOf(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new CollateralFileError(`${path} cannot be read`, cause);
  }
}

const textOf = async (path: string): Promise<string> => Buffer.from(await bytesOf(path)).toString("utf8");

const postedLine = ({ what, gasUsed }: Posted): string =>
  gasUsed === null ? `${what}: the chain has it` : `${what}: posted for ${gasUsed} gas`;

function chainLines({ tcbInfos, identities, lists, listsRequired }: CollateralOnChain): string[] {
  return [
    "on chain:",
    ...tcbInfos.map(
      ({ isTdx, fmspc, pceId, until }) =>
        `  TCB info of ${nameOf(isTdx)}, family ${fmspc}, PCE ${pceId}: ${untilText(until)}`,
    ),
    ...identities.map(({ isTdx, until }) => `  identity of ${nameOf(isTdx)}'s quoting enclave: ${untilText(until)}`),
    ...lists.map(({ issuerKey, until }) => `  revocations by ${issuerKey}: ${untilText(until)}`),
    `  quotes ${listsRequired ? "need" : "do not need"} current lists of revocations`,
  ];
}

const nameOf = (isTdx: boolean): string => (isTdx ? "TDX" : "SGX");
const untilText = (until: number): string => (until === 0 ? "none" : `until ${new Date(until * 1000).toISOString()}`);

function toNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("It is not a whole number.");
  return Number(text);
}
