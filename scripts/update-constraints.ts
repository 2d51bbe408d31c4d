// `npm run update:constraints`: writes the constraint counts that the tests hold the compiler to.
import { writeFileSync } from "node:fs";

import {
  type ConstraintCounts,
  exampleCount,
  exampleModels,
  gadgetCounts,
  layerCounts,
  SNAPSHOT,
} from "../test/circuits/constraints.ts";

const examples: Record<string, number> = {};
for (const [name, path] of exampleModels()) {
  examples[name] = await exampleCount(path);
  process.stdout.write(`${name}: ${examples[name]}\n`);
}
const counts: ConstraintCounts = { gadgets: gadgetCounts(), layers: layerCounts(), examples };
writeFileSync(SNAPSHOT, `${JSON.stringify(counts, undefined, 2)}\n`);
