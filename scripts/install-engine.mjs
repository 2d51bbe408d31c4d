// Hardhat 3 needs Node 22, so on Linux a Node 24 is installed as an npm package and `npm run` uses it. But when npm
// itself runs under an older Node, it leaves out Hardhat's native engine, whose platform package asks for Node 22.
// npm runs this script under the Node that will be used, so it can finish the install with the right one.
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const [major, minor] = process.versions.node.split(".").map(Number);
const npm = process.env.npm_execpath;

if (major < 22 || (major === 22 && minor < 18)) {
  console.error(`Assay needs Node 22.18 or later; this is ${process.version}. Install it from https://nodejs.org.`);
  process.exit(1);
}
if (!engineLoads() && npm && process.env.ASSAY_INSTALLING_ENGINE === undefined) {
  const { status } = spawnSync(process.execPath, [npm, "install", "--no-save", "--ignore-scripts"], {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, ASSAY_INSTALLING_ENGINE: "1" },
  });
  process.exit(status ?? 1);
}

function engineLoads() {
  try {
    createRequire(import.meta.url)("@nomicfoundation/edr");
    return true;
  } catch {
    return false;
  }
}
