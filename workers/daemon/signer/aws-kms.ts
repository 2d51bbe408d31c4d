/**
 * A key in AWS's Key Management Service, which never leaves it: it signs digests.
 *
 * The service answers with a signature in DER that may have either `s` and says nothing of the recovery bit: the smaller `s` is
 * taken, which is the same signature for the curve, and the bit is the one that recovers the key's own address.
 */
import { createPublicKey } from "node:crypto";

import type { KMSClient } from "@aws-sdk/client-kms";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { computeAddress, getBytes, recoverAddress, Signature, toBeHex, TypedDataEncoder } from "ethers";

import { ExternalSigner } from "./external-signer.ts";
import { SignerError } from "./signer-error.ts";

export interface AwsKmsOptions {
  /** Id, alias or ARN of a key of the kind ECC_SECG_P256K1 for signing. */
  readonly keyId: string;
  /** Default: as AWS's tools find it. Credentials are always found that way. */
  readonly region?: string | undefined;
  /** Another address of the service. */
  readonly endpoint?: string | undefined;
  /** Milliseconds that one call may take. Default 10000. */
  readonly timeout?: number;
}

const ALGORITHM = "ECDSA_SHA_256";
const PASSING = [
  "ThrottlingException",
  "KMSInternalException",
  "KeyUnavailableException",
  "DependencyTimeoutException",
  "TimeoutError",
  "AbortError",
];

/**
 * Asks for the public key once. Throws `SIGNER_KEY_UNSUITABLE` for a key of another kind, `SIGNER_REFUSED` and
 * `SIGNER_UNAVAILABLE`.
 */
export async function awsKmsSigner({
  keyId,
  region,
  endpoint,
  timeout = 10_000,
}: AwsKmsOptions): Promise<ExternalSigner> {
  // Only who keeps the key there pays for loading it.
  const { GetPublicKeyCommand, KMSClient: Client, SignCommand } = await import("@aws-sdk/client-kms");
  const client: KMSClient = new Client({
    ...(region !== undefined && { region }),
    ...(endpoint !== undefined && { endpoint }),
  });
  const asking = async <T>(what: string, call: (options: { abortSignal: AbortSignal }) => Promise<T>): Promise<T> => {
    try {
      return await call({ abortSignal: AbortSignal.timeout(timeout) });
    } catch (cause) {
      throw failure(what, cause);
    }
  };

  const found = await asking(`the public key of ${keyId}`, (options) =>
    client.send(new GetPublicKeyCommand({ KeyId: keyId }), options),
  );
  if (found.KeySpec !== "ECC_SECG_P256K1" || found.KeyUsage !== "SIGN_VERIFY" || found.PublicKey === undefined)
    throw new SignerError(
      "SIGNER_KEY_UNSUITABLE",
      `key ${keyId} of AWS KMS is ${found.KeySpec} for ${found.KeyUsage}: make one of ECC_SECG_P256K1 for SIGN_VERIFY`,
      { details: { keySpec: found.KeySpec, keyUsage: found.KeyUsage } },
    );
  const address = addressOf(found.PublicKey);

  const sign = async (digest: string): Promise<Signature> => {
    const command = new SignCommand({
      KeyId: keyId,
      Message: getBytes(digest),
      MessageType: "DIGEST",
      SigningAlgorithm: ALGORITHM,
    });
    const answer = await asking("a signature", (options) => client.send(command, options));
    return canonical(answer.Signature ?? new Uint8Array(), digest, address);
  };
  return new ExternalSigner({
    name: "AWS KMS",
    address,
    async signTransaction(transaction) {
      const signed = transaction.clone();
      signed.signature = await sign(transaction.unsignedHash);
      return signed.serialized;
    },
    signTypedData: async (domain, types, value) => (await sign(TypedDataEncoder.hash(domain, types, value))).serialized,
  });
}

/** The address of a secp256k1 key in SubjectPublicKeyInfo. */
function addressOf(spki: Uint8Array): string {
  const { x, y } = createPublicKey({ key: Buffer.from(spki), format: "der", type: "spki" }).export({ format: "jwk" });
  const coordinate = (text: string | undefined): string => Buffer.from(text ?? "", "base64url").toString("hex");
  return computeAddress(`0x04${coordinate(x)}${coordinate(y)}`);
}

function canonical(der: Uint8Array, digest: string, address: string): Signature {
  const { r, s } = parse(der);
  const low = s > secp256k1.Point.Fn.ORDER / 2n ? secp256k1.Point.Fn.ORDER - s : s;
  const parts = { r: toBeHex(r, 32), s: toBeHex(low, 32) };
  for (const yParity of [0, 1] as const) {
    const signature = Signature.from({ ...parts, yParity });
    if (recoverAddress(digest, signature) === address) return signature;
  }
  throw new SignerError("SIGNER_MISMATCH", `AWS KMS made a signature that is not by the key of ${address}`, {
    details: { address },
  });
}

function parse(der: Uint8Array): { readonly r: bigint; readonly s: bigint } {
  try {
    return secp256k1.Signature.fromBytes(der, "der");
  } catch (cause) {
    throw new SignerError("SIGNER_MISMATCH", "AWS KMS gave no ECDSA signature in DER", { cause });
  }
}

function failure(what: string, cause: unknown): SignerError {
  const { name, message } = cause instanceof Error ? cause : { name: "Error", message: String(cause) };
  const status = statusOf(cause);
  const passing = status === undefined || status >= 500 || status === 429 || PASSING.includes(name);
  return passing
    ? new SignerError("SIGNER_UNAVAILABLE", `AWS KMS did not give ${what}: ${name}: ${message}`, {
        retryable: true,
        cause,
      })
    : new SignerError("SIGNER_REFUSED", `AWS KMS refuses ${what}: ${name}: ${message}`, { cause });
}

/** Undefined if there was no answer at all. */
function statusOf(cause: unknown): number | undefined {
  if (typeof cause !== "object" || cause === null || !("$metadata" in cause)) return undefined;
  const metadata = cause.$metadata;
  if (typeof metadata !== "object" || metadata === null || !("httpStatusCode" in metadata)) return undefined;
  return typeof metadata.httpStatusCode === "number" ? metadata.httpStatusCode : undefined;
}
