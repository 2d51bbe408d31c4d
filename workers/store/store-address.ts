import { StoreError } from "./store-error.ts";

/** What the address of a store stands for. */
export type StoreAddress =
  | { readonly kind: "directory"; readonly path: string }
  | { readonly kind: "http"; readonly url: string }
  | { readonly kind: "ipfs"; readonly path: string }
  | { readonly kind: "kubo"; readonly url: string }
  | {
      readonly kind: "s3";
      readonly bucket: string;
      readonly prefix: string;
      readonly region?: string;
      readonly endpoint?: string;
    };

/** Two letters at least, so that a drive's letter is none. */
const SCHEME = /^([a-z][a-z0-9+.-]+):/i;

/**
 * A directory, `ipfs:<directory>`, `kubo+http://host:5001`, `s3://bucket/prefix?region=&endpoint=`, or the base of an HTTP
 * server or IPFS gateway. Throws `STORE_ADDRESS`.
 */
export function parseStoreAddress(text: string): StoreAddress {
  const scheme = SCHEME.exec(text)?.[1]?.toLowerCase();
  switch (scheme) {
    case undefined:
      if (text === "") throw invalid(text, "is empty");
      return { kind: "directory", path: text };
    case "http":
    case "https":
      return { kind: "http", url: webAddress(text, text).href };
    case "ipfs":
      return inProcess(text);
    case "kubo+http":
    case "kubo+https":
      return { kind: "kubo", url: webAddress(text, text.slice("kubo+".length)).href.replace(/\/$/, "") };
    case "s3":
      return bucket(text);
    default:
      throw invalid(
        text,
        "is of no kind that is known: a directory, ipfs:, kubo+http://, kubo+https://, s3:// or https://",
      );
  }
}

function inProcess(text: string): StoreAddress {
  const path = text.slice("ipfs:".length);
  if (path.startsWith("//"))
    throw invalid(text, "names content; a store is ipfs:<directory>, or the https:// base of a gateway");
  if (path === "") throw invalid(text, "names no directory");
  return { kind: "ipfs", path };
}

function bucket(text: string): StoreAddress {
  const url = parsed(text, text);
  const known = new Set(["region", "endpoint"]);
  for (const name of url.searchParams.keys())
    if (!known.has(name)) throw invalid(text, `has ${name}, and only region and endpoint are known`);
  if (url.hostname === "") throw invalid(text, "names no bucket");
  const region = url.searchParams.get("region");
  const endpoint = url.searchParams.get("endpoint");
  const path = url.pathname.replace(/^\/+|\/+$/g, "");
  return {
    kind: "s3",
    bucket: url.hostname,
    prefix: path === "" ? "" : `${path}/`,
    ...(region !== null && { region }),
    ...(endpoint !== null && { endpoint: webAddress(text, endpoint).href }),
  };
}

function webAddress(text: string, address: string): URL {
  const url = parsed(text, address);
  if (url.protocol !== "http:" && url.protocol !== "https:") throw invalid(text, `needs an http address`);
  return url;
}

/** Addresses are logged and shown, so none may hold a secret. */
function parsed(text: string, address: string): URL {
  if (!URL.canParse(address)) throw invalid(text, "is no address");
  const url = new URL(address);
  if (url.username === "" && url.password === "") return url;
  throw invalid(`${url.protocol}//…@${url.host}`, "holds credentials, which belong in the environment");
}

function invalid(address: string, problem: string): StoreError {
  return new StoreError("STORE_ADDRESS", `the store's address ${JSON.stringify(address)} ${problem}`, {
    details: { address },
  });
}
