import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";

const root = join(import.meta.dirname, "../..");
const readme = readFileSync(join(root, "README.md"), "utf8");
const packageJson = readFileSync(join(root, "package.json"), "utf8");

describe("the README", () => {
  it("shows the consumer contract that compiles with the others", () => {
    const [, shown = ""] = /```solidity\n([^`]*)```/.exec(readme) ?? [];
    const contract = readFileSync(join(root, "contracts/examples/Triage.sol"), "utf8");
    expect(contract).to.contain(shown.replaceAll('"assay/contracts/', '"../').trim());
  });

  it("names only npm scripts that exist", () => {
    const { scripts } = JSON.parse(packageJson) as { readonly scripts: Readonly<Record<string, string>> };
    for (const [, name = ""] of readme.matchAll(/npm run ([a-z:-]+)/g)) expect(scripts).to.have.property(name);
    expect(readme).to.contain("npm ci && npm run demo").and.contain("npm ci && npm test");
  });

  it("links only to what is there", () => {
    const targets = [...readme.matchAll(/\]\(([^)#]+)\)/g)].map(([, target = ""]) => target);
    expect(targets.filter((target) => !/^https?:/.test(target) && !existsSync(join(root, target)))).to.deep.equal([]);
  });
});
