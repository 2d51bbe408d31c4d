// `hardhat run test/contracts/tee/mutate-all.ts`: every byte of quotes of all forms, one at a time. Takes minutes;
// STEP=7 takes every seventh byte.
import { served, underIntel } from "./fixture.ts";
import { developmentQuotes, mutate, realQuotes, sampled } from "./mutations.ts";

const step = Number(process.env["STEP"] ?? 1);
for (const [deploy, quotes] of [
  [underIntel, realQuotes()],
  [served, developmentQuotes()],
] as const) {
  const base = await deploy();
  for (const [name, valid] of quotes) {
    const { errors, survivors } = await mutate(base, valid, sampled(valid.length, step, []));
    console.log(name, valid.length, Object.fromEntries(errors), "survivors:", survivors);
    if (survivors.length > 0) process.exitCode = 1;
  }
}
