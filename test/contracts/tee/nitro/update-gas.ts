// `hardhat run test/contracts/tee/nitro/update-gas.ts`: measures again and writes gas.snapshot.json.
import { writeFileSync } from "node:fs";

import { measureGas } from "./gas.ts";

const figures = await measureGas();
writeFileSync(new URL("gas.snapshot.json", import.meta.url), `${JSON.stringify(figures, null, 2)}\n`);
