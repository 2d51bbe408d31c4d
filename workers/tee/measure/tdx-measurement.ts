import { concatBytes } from "@noble/hashes/utils.js";

import { measurementOf } from "../quote/measurement.ts";
import { tdReport } from "../quote/report.ts";
import { MeasureError } from "./measure-error.ts";

/** What identifies code and configuration of a trust domain, in the order of a quote, with the bytes of each. */
export const TDX_REGISTERS = Object.freeze({
  tdAttributes: 8,
  xfam: 8,
  mrtd: 48,
  mrConfigId: 48,
  mrOwner: 48,
  mrOwnerConfig: 48,
  rtmr0: 48,
  rtmr1: 48,
  rtmr2: 48,
  rtmr3: 48,
  /** TD 1.0 does not have it. */
  mrServiceTd: 48,
});

export type TdxRegister = keyof typeof TDX_REGISTERS;
export type TdxRegisters = Readonly<Record<TdxRegister, Uint8Array>>;

/** What a launch leaves at zero unless it is told otherwise. */
const USUALLY_ZERO: readonly TdxRegister[] = ["mrConfigId", "mrOwner", "mrOwnerConfig", "mrServiceTd"];
/** Of a body of TD 1.5: versions and the module before the registers, report data and versions again behind. */
const BEFORE = 120;
const BETWEEN = 64 + 16;

export function registerNames(): TdxRegister[] {
  return Object.keys(TDX_REGISTERS).filter((name): name is TdxRegister => name in TDX_REGISTERS);
}

/**
 * The measurement of a trust domain whose quotes will have these registers. Those that are usually zero may be left out.
 * Throws `REGISTER_MISSING`, `REGISTER_LENGTH`.
 */
export function tdxMeasurement(registers: Readonly<Partial<TdxRegisters>>): string {
  const values = registerNames().map((name) => valueOf(name, registers[name]));
  const [mrServiceTd = new Uint8Array()] = values.splice(-1);
  const body = concatBytes(new Uint8Array(BEFORE), ...values, new Uint8Array(BETWEEN), mrServiceTd);
  return measurementOf(tdReport(body));
}

function valueOf(name: TdxRegister, value: Uint8Array | undefined): Uint8Array {
  const needed = TDX_REGISTERS[name];
  if (value === undefined && USUALLY_ZERO.includes(name)) return new Uint8Array(needed);
  if (value === undefined) throw new MeasureError("REGISTER_MISSING", `${name} is missing`, { details: { name } });
  if (value.length !== needed)
    throw new MeasureError("REGISTER_LENGTH", `${name} has ${value.length} bytes instead of ${needed}`, {
      details: { name, had: value.length, needed },
    });
  return value;
}
