/**
 * Which folder may import from which. The first matching folder decides. `own` packages of the project only;
 * `node` says whether `node:*` may be imported.
 */
export interface Layer {
  readonly folder: string;
  readonly mayImport: readonly string[];
  readonly node: boolean;
}

export const LAYERS: readonly Layer[] = [
  { folder: "circuits/format", mayImport: [], node: false },
  { folder: "circuits/compiler", mayImport: ["circuits/format"], node: false },
  { folder: "circuits/toolchain", mayImport: ["circuits/format"], node: true },
  { folder: "workers/tee/development", mayImport: ["circuits/format", "workers/tee"], node: true },
  { folder: "workers/tee", mayImport: ["circuits/format"], node: false },
  { folder: "workers/sdk", mayImport: ["circuits/format", "workers/tee"], node: false },
  { folder: "workers/store", mayImport: ["circuits/format", "workers/sdk"], node: true },
  {
    folder: "workers/daemon",
    mayImport: [
      "circuits/format",
      "circuits/compiler",
      "circuits/toolchain",
      "workers/sdk",
      "workers/store",
      "workers/tee",
    ],
    node: true,
  },
  {
    folder: "workers/gateway",
    mayImport: ["circuits/format", "workers/sdk", "workers/store", "workers/daemon"],
    node: true,
  },
  {
    folder: "workers/publish",
    mayImport: ["circuits/format", "circuits/compiler", "circuits/toolchain", "workers/sdk", "workers/store"],
    node: true,
  },
  {
    folder: "workers/cli",
    mayImport: [
      "workers/publish",
      "circuits/format",
      "circuits/compiler",
      "circuits/toolchain",
      "workers/sdk",
      "workers/store",
      "workers/tee",
      "workers/daemon",
      "workers/gateway",
    ],
    node: true,
  },
  { folder: "examples", mayImport: ["circuits/format"], node: true },
];

/** Packages that only these folders may import. */
export const GUARDED_PACKAGES: Readonly<Record<string, readonly string[]>> = {
  hardhat: ["hardhat.config.ts", "workers/hardhat", "scripts", "test"],
  snarkjs: ["circuits/toolchain", "test"],
  circom2: ["circuits/toolchain", "test"],
  ffjavascript: ["circuits/toolchain", "test"],
  "onnx-proto": ["circuits/compiler", "examples", "test"],
  "@aws-sdk/client-s3": ["workers/store"],
  "@helia/unixfs": ["workers/store", "test"],
  "blockstore-fs": ["workers/store", "test"],
  "kubo-rpc-client": ["workers/store"],
  eciesjs: ["workers/store"],
};
