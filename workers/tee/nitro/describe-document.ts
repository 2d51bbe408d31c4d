import { isEqual } from "../bytes.ts";
import { TeeError } from "../error.ts";
import { nitroMeasurement } from "../measure/nitro-measurement.ts";
import { certificateFields, codeOr, type EvidenceDescription, isoOf, validityWarnings } from "../quote/describe.ts";
import { readCertificate384 } from "./certificate.ts";
import type { NitroDocument } from "./parse-document.ts";
import { AWS_NITRO_ROOT } from "./root.ts";

/** What an attestation document of AWS Nitro says. Nothing of it is verified; `now` is in seconds since 1970. */
export function describeDocument(document: NitroDocument, now: number): EvidenceDescription {
  const { moduleId, digest, timestamp, pcrs, userData, nonce, publicKey, signature } = document;
  const certificates = [...document.bundle, document.certificate].map((der) => codeOr(() => readCertificate384(der)));
  // Registers that are zero are left out, but for the three that are measured.
  const registers = [...pcrs].filter(([number, value]) => number < 3 || value.some((byte) => byte !== 0));
  const register = (number: number) => pcrs.get(number) ?? new Uint8Array(0);
  return {
    fields: {
      moduleId,
      digest,
      timestamp: isoOf(timestamp / 1000),
      pcrs: Object.fromEntries(registers.map(([number, value]) => [`PCR${number}`, value])),
      userData,
      nonce,
      publicKey,
      signature,
      certificates: certificates.map((found) =>
        found instanceof TeeError ? found.code : { ...certificateFields(found), id: found.id },
      ),
    },
    measurement: nitroMeasurement({ pcr0: register(0), pcr1: register(1), pcr2: register(2) }),
    warnings: [
      ...(isEqual(document.bundle[0] ?? new Uint8Array(0), AWS_NITRO_ROOT)
        ? []
        : ["SIMULATED or foreign: the root is not that of AWS: it shows no hardware"]),
      ...(register(0).every((byte) => byte === 0) ? ["DEBUG: the enclave can be read from outside"] : []),
      ...validityWarnings(certificates, now),
    ],
  };
}
