// `npm run check`: everything that must hold before a commit, in the order of how fast it fails.
import { spawnSync } from "node:child_process";

const steps: readonly (readonly [name: string, command: string, ...args: string[]])[] = [
  ["format", "prettier", "--check", "."],
  ["compile Solidity", "hardhat", "build", "--quiet"],
  ["types", "tsc", "--noEmit", "-p", "."],
  ["layers", "mocha", "test/layers/layers.test.ts"],
  ["lint TypeScript", "eslint", "--max-warnings", "0", "."],
  ["lint Solidity", "solhint", "--disc", "--max-warnings", "0", "contracts/**/*.sol"],
  ["generated ABI", "node", "scripts/generate-abi.ts", "--check"],
  ["generated operators", "node", "scripts/generate-operators.ts", "--check"],
];

const failed = steps.filter(([name, command, ...args]) => {
  process.stdout.write(`${name}\n`);
  return spawnSync(command, args, { stdio: "inherit", shell: process.platform === "win32" }).status !== 0;
});

if (failed.length > 0) {
  process.stderr.write(`\nfailed: ${failed.map(([name]) => name).join(", ")}\n`);
  process.exitCode = 1;
}
