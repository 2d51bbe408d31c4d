import { concat, encodeBytes32String, keccak256 } from "ethers";

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
const TAG = encodeBytes32String("assay.measurement.tdx");

export function registerNames(): TdxRegister[] {
  return Object.keys(TDX_REGISTERS).filter((name): name is TdxRegister => name in TDX_REGISTERS);
}

/** As `ReportBody.tdxMeasurement` on chain. Registers that are usually zero may be left out. Throws `REGISTER_*`. */
export function tdxMeasurement(registers: Readonly<Partial<TdxRegisters>>): string {
  return keccak256(concat([TAG, ...registerNames().map((name) => valueOf(name, registers[name]))]));
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
