import { createPrivateKey, createPublicKey } from "node:crypto";

import { secp256k1 } from "@noble/curves/secp256k1.js";
import { getBytes, type SigningKey } from "ethers";

import { type JsonServer, startJsonServer } from "./json-server.ts";

export interface LocalKms extends JsonServer {
  /** Whether signatures have the larger `s`, of which the real service gives about every second one. */
  highS: boolean;
  /** The error that it answers with from now on; null: none. */
  failure: { readonly status: number; readonly type: string } | null;
  /** Signs with this key from now on, whatever public key it shows. */
  signsWith: SigningKey;
  readonly calls: string[];
}

/**
 * NOT AWS: a local server that speaks the JSON protocol of AWS KMS for one real secp256k1 key, which it keeps in memory.
 * It checks no credentials.
 */
export async function startLocalKms(key: SigningKey, keySpec = "ECC_SECG_P256K1"): Promise<LocalKms> {
  const publicKey = Buffer.from(spkiOf(key)).toString("base64");
  const calls: string[] = [];
  const server = await startJsonServer((body, headers) => {
    const target = String(headers["x-amz-target"]);
    calls.push(target);
    if (kms.failure !== null)
      return { status: kms.failure.status, body: { __type: kms.failure.type, message: "as the test wants it" } };
    if (target === "TrentService.GetPublicKey")
      return { body: { KeyId: body["KeyId"], PublicKey: publicKey, KeySpec: keySpec, KeyUsage: "SIGN_VERIFY" } };
    if (body["MessageType"] !== "DIGEST" || body["SigningAlgorithm"] !== "ECDSA_SHA_256")
      return { status: 400, body: { __type: "ValidationException", message: "not a digest" } };
    const digest = Buffer.from(String(body["Message"]), "base64");
    return { body: { Signature: Buffer.from(signDer(kms.signsWith, digest, kms.highS)).toString("base64") } };
  });
  const kms: LocalKms = { ...server, highS: false, failure: null, signsWith: key, calls };
  return kms;
}

function signDer(key: SigningKey, digest: Uint8Array, highS: boolean): Uint8Array {
  const { r, s } = key.sign(digest);
  const order = secp256k1.Point.Fn.ORDER;
  return new secp256k1.Signature(BigInt(r), highS ? order - BigInt(s) : BigInt(s)).toBytes("der");
}

function spkiOf(key: SigningKey): Uint8Array {
  const point = getBytes(key.publicKey);
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url");
  const jwk = {
    kty: "EC",
    crv: "secp256k1",
    x: text(point.slice(1, 33)),
    y: text(point.slice(33)),
    d: text(getBytes(key.privateKey)),
  };
  return createPublicKey(createPrivateKey({ key: jwk, format: "jwk" })).export({ type: "spki", format: "der" });
}
