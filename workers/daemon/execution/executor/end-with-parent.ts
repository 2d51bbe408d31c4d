/** The thread that ends an executor whose worker is gone, although a model holds up the executor's own loop. */
import { endGroup } from "./end-group.ts";

const INTERVAL = 500;
const parent = process.ppid;

setInterval(() => {
  if (process.ppid !== parent) endGroup(process.pid);
}, INTERVAL);
