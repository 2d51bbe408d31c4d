// The project as it is built and run to measure coverage. Instrumented contracts stay apart from the real ones, and
// random tests run for a moment only: what they alone would reach has to be reached by a test that says so.
import type { HardhatUserConfig } from "hardhat/config";

import config from "../../hardhat.config.ts";

const measured: HardhatUserConfig = {
  ...config,
  coverage: { skipFiles: ["contracts/examples/**"] },
  paths: { ...config.paths, artifacts: "./coverage/artifacts", cache: "./coverage/cache" },
  test: { ...config.test, solidity: { fuzz: { runs: 16 }, invariant: { runs: 2, depth: 50 } } },
};

export default measured;
