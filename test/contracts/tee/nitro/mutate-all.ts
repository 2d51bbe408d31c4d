// `hardhat run test/contracts/tee/nitro/mutate-all.ts`: every byte of a document, one at a time, on chain and off chain.
// Takes an hour or so, as most changes cost a signature; STEP=7 takes every seventh byte.
import { document, remembered } from "./fixture.ts";
import { every, mutate, offChain, onChain } from "./mutations.ts";

const step = Number(process.env["STEP"] ?? 1);
const base = await remembered();
for (const isIndefinite of [true, false]) {
  const valid = document({ isIndefinite });
  for (const [where, attempt] of [
    ["off chain", offChain],
    ["on chain", onChain(base)],
  ] as const) {
    const { errors, survivors } = await mutate(valid, every(step, 0, valid.length), attempt);
    console.log(where, valid.length, Object.fromEntries(errors), "survivors:", survivors);
    if (survivors.length > 0) process.exitCode = 1;
  }
}
