import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";

import { Command, InvalidArgumentError } from "commander";
import { getBytes, hexlify } from "ethers";

import { AssayError } from "../../../../circuits/format/error.ts";
import { measureEif, type Pcrs } from "../../../tee/eif/measure-eif.ts";
import { nitroMeasurement, parsePcrs } from "../../../tee/measure/nitro-measurement.ts";
import {
  registerNames,
  TDX_REGISTERS,
  tdxMeasurement,
  type TdxRegister,
} from "../../../tee/measure/tdx-measurement.ts";
import { describeDocument } from "../../../tee/nitro/describe-document.ts";
import { parseNitroDocument } from "../../../tee/nitro/parse-document.ts";
import { measurementOf } from "../../../tee/quote/measurement.ts";
import { parseQuote } from "../../../tee/quote/parse-quote.ts";
import { type Evidence, readEvidence } from "../../evidence-file.ts";
import { createOutput } from "../../output.ts";

class MeasureCommandError extends AssayError {
  declare readonly code: "MEASURE_SOURCE" | "FILE_MISSING";
}

interface Options extends Readonly<Partial<Record<TdxRegister, Uint8Array>>> {
  readonly eif?: string;
  readonly pcrs?: string;
  readonly quote?: string;
  readonly json: boolean;
}

interface Measured {
  readonly kind: "nitro" | "tdx" | "sgx";
  readonly measurement: string;
  readonly registers: Readonly<Record<string, string>>;
}

export function measureCommand(): Command {
  const command = new Command("measure")
    .description(
      "the measurement that the chain will see, of an image or of registers: for acceptMeasurement or a manifest",
    )
    .option("--eif <file>", "an enclave image of AWS Nitro")
    .option("--pcrs <file>", "what nitro-cli build-enclave or describe-eif printed")
    .option("--quote <file>", "a quote or attestation document of a machine that runs; nothing of it is verified");
  for (const name of registerNames())
    command.option(`--${flagOf(name)} <hex>`, `TDX, ${TDX_REGISTERS[name]} bytes`, toBytes);
  return command.action(async (options: Options) => {
    const measured = await measure(options);
    const lines = Object.entries(measured.registers).map(([name, value]) => `  ${name} ${value}`);
    createOutput(options.json).result(
      { ok: true, ...measured, diagnostics: [] },
      [measured.measurement, `  of ${measured.kind}`, ...lines].join("\n"),
    );
  });
}

async function measure({ eif, pcrs, quote, ...registers }: Options): Promise<Measured> {
  const given = registerNames().flatMap((name) => {
    const value = registers[name];
    return value === undefined ? [] : [[name, hexlify(value)] as const];
  });
  if ([eif !== undefined, pcrs !== undefined, quote !== undefined, given.length > 0].filter(Boolean).length !== 1)
    throw new MeasureCommandError(
      "MEASURE_SOURCE",
      "give --eif, --pcrs, --quote or the registers of TDX (--mrtd, --rtmr0, …)",
    );
  if (eif !== undefined) return ofNitro(await onFile(eif, () => measureEif(createReadStream(eif))));
  if (pcrs !== undefined) return ofNitro(parsePcrs(await onFile(pcrs, () => readFile(pcrs, "utf8"))));
  if (quote !== undefined) return ofEvidence(await readEvidence(quote));
  return { kind: "tdx", measurement: tdxMeasurement(registers), registers: Object.fromEntries(given) };
}

function ofEvidence({ kind, bytes }: Evidence): Measured {
  if (kind === "nitro") {
    const { measurement } = describeDocument(parseNitroDocument(bytes), 0);
    return { kind, measurement, registers: {} };
  }
  const { body } = parseQuote(bytes);
  return { kind: body.kind === "sgx" ? "sgx" : "tdx", measurement: measurementOf(body), registers: {} };
}

function ofNitro(pcrs: Pcrs): Measured {
  const registers = { PCR0: hexlify(pcrs.pcr0), PCR1: hexlify(pcrs.pcr1), PCR2: hexlify(pcrs.pcr2) };
  return { kind: "nitro", measurement: nitroMeasurement(pcrs), registers };
}

function flagOf(name: TdxRegister): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function toBytes(text: string): Uint8Array {
  const digits = text.replace(/^0x/, "");
  if (!/^([0-9a-f]{2})+$/i.test(digits)) throw new InvalidArgumentError("write bytes in hexadecimal");
  return getBytes(`0x${digits}`);
}

async function onFile<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    if (cause instanceof AssayError) throw cause;
    throw new MeasureCommandError("FILE_MISSING", `${path} cannot be read`, { cause });
  }
}
