import { expect } from "chai";
import { concat, encodeBytes32String, keccak256, toBeHex } from "ethers";

import { nitroMeasurement, parsePcrs } from "../../../workers/tee/measure/nitro-measurement.ts";
import { TDX_REGISTERS, tdxMeasurement } from "../../../workers/tee/measure/tdx-measurement.ts";
import { errorOf } from "./error-of.ts";

const filled = (length: number, byte: number) => new Uint8Array(length).fill(byte);

describe("the measurement of a trust domain's registers", () => {
  const registers = {
    tdAttributes: filled(8, 1),
    xfam: filled(8, 2),
    mrtd: filled(48, 3),
    mrConfigId: filled(48, 4),
    mrOwner: filled(48, 5),
    mrOwnerConfig: filled(48, 6),
    rtmr0: filled(48, 7),
    rtmr1: filled(48, 8),
    rtmr2: filled(48, 9),
    rtmr3: filled(48, 10),
    mrServiceTd: filled(48, 11),
  };
  const tag = encodeBytes32String("assay.measurement.tdx");

  it("hashes a tag and all of them in the order of a quote", () => {
    expect(Object.keys(TDX_REGISTERS)).to.deep.equal(Object.keys(registers));
    expect(tdxMeasurement(registers)).to.equal(keccak256(concat([tag, ...Object.values(registers)])));
  });

  it("takes those as zero that a launch seldom sets, and misses each of the others", () => {
    for (const name of Object.keys(registers)) {
      const rest = Object.fromEntries(Object.entries(registers).filter(([other]) => other !== name));
      const isSeldom = ["mrConfigId", "mrOwner", "mrOwnerConfig", "mrServiceTd"].includes(name);
      const zeroed = { ...registers, [name]: filled(48, 0) };
      if (isSeldom) expect(tdxMeasurement(rest), name).to.equal(tdxMeasurement(zeroed));
      else
        expect(
          errorOf(() => tdxMeasurement(rest)),
          name,
        ).to.include({ code: "REGISTER_MISSING" });
    }
  });

  it("refuses registers of another length", () => {
    for (const [name, value] of Object.entries(registers))
      for (const length of [value.length - 1, value.length + 1])
        expect(
          errorOf(() => tdxMeasurement({ ...registers, [name]: filled(length, 1) })),
          name,
        ).to.deep.include({
          code: "REGISTER_LENGTH",
          details: { name, had: length, needed: value.length },
        });
  });
});

describe("the measurement of an enclave of AWS Nitro", () => {
  const hex = (byte: number) => toBeHex(byte, 1).slice(2).repeat(48);
  const PCRS = { HashAlgorithm: "Sha384 { ... }", PCR0: hex(0xab), PCR1: hex(1), PCR2: hex(2) };

  it("hashes a tag, PCR0, PCR1 and PCR2", () => {
    const pcrs = { pcr0: filled(48, 0xab), pcr1: filled(48, 1), pcr2: filled(48, 2) };
    const tag = encodeBytes32String("assay.measurement.nitro");
    expect(nitroMeasurement(pcrs)).to.equal(keccak256(concat([tag, ...Object.values(pcrs)])));
    for (const printed of [PCRS, { Measurements: PCRS }, { ...PCRS, PCR0: `0x${PCRS.PCR0.toUpperCase()}` }])
      expect(parsePcrs(JSON.stringify(printed))).to.deep.equal(pcrs);
  });

  it("needs all three as nitro-cli prints them", () => {
    const { PCR0, PCR1 } = PCRS;
    for (const printed of [
      {},
      [],
      null,
      3,
      { PCR0, PCR1 },
      { PCR0, PCR1, PCR2: hex(2).slice(2) },
      { Measurements: {} },
    ])
      expect(errorOf(() => parsePcrs(JSON.stringify(printed)))).to.include({ code: "PCRS_INVALID" });
    expect(errorOf(() => parsePcrs("Enclave Image successfully created."))).to.include({ code: "PCRS_INVALID" });
  });
});
