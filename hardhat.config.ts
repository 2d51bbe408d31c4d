import { createRequire } from "node:module";

import toolbox from "@nomicfoundation/hardhat-toolbox-mocha-ethers";
import { encodeBytes32String } from "ethers";
import fc from "fast-check";
import { defineConfig } from "hardhat/config";

// Properties are tested with the same cases in every run, so that a failure is of a change and not of chance.
fc.configureGlobal({ seed: 2026 });

// The compiler is an npm package named by absolute path, so that nothing is downloaded.
const soljson = createRequire(import.meta.url).resolve("solc/soljson.js");
const solc = (settings: object) => ({
  version: "0.8.37",
  path: soljson,
  settings: { evmVersion: "cancun", ...settings },
});
const viaIR = (runs: number) => solc({ viaIR: true, optimizer: { enabled: true, runs } });

export default defineConfig({
  plugins: [toolbox],
  solidity: {
    npmFilesToBuild: ["@openzeppelin/contracts/access/manager/AccessManager.sol"],
    // Measured: gas of a Vanilla job (request, execute, settle) and bytes of InferenceMarket. 800 runs: 171,900 and
    // 20,500; 10,000 runs: 169,300 and 23,358, of the 24,576 that a contract may have.
    profiles: {
      default: {
        compilers: [viaIR(10_000)],
        // What is called seldom is built for its size.
        overrides: {
          ...Object.fromEntries(
            ["MarketDisputes", "MarketRounds", "MarketAccounts"].map((part) => [`contracts/${part}.sol`, viaIR(1)]),
          ),
          // The largest test by far is built for the time that building takes.
          "test/contracts/invariants/Market.t.sol": solc({
            viaIR: true,
            optimizer: { enabled: true, details: { yulDetails: { optimizerSteps: "u:" } } },
          }),
        },
      },
      fast: solc({ optimizer: { enabled: true, runs: 200 } }),
    },
  },
  // With `--strategy create2` equal parameters lead to equal addresses on every chain. Any salt would do.
  ignition: { strategyConfig: { create2: { salt: encodeBytes32String("Assay") } } },
  networks: { local: { type: "http", chainType: "l1", url: "http://127.0.0.1:8545" } },
  paths: { tests: { mocha: "./test", solidity: "./test/contracts" }, ignition: "./scripts/ignition" },
  test: {
    mocha: { timeout: 120_000 },
    solidity: { fuzz: { runs: 64 }, invariant: { runs: 16, depth: 64, failOnRevert: true } },
  },
});
