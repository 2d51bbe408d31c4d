import { Command } from "commander";

import { collateralCommand } from "./tee/collateral.ts";
import { enrollCommand } from "./tee/enroll.ts";
import { measureCommand } from "./tee/measure.ts";
import { quoteCommand } from "./tee/quote.ts";
import { recheckCommand } from "./tee/recheck.ts";
import { verifyQuoteCommand } from "./tee/verify.ts";

/** The commands about enclaves: each is a file in `tee/`. */
export function teeCommand(): Command {
  return new Command("tee")
    .description("enclaves: their measurements, quotes and enrolment")
    .addCommand(measureCommand())
    .addCommand(quoteCommand())
    .addCommand(verifyQuoteCommand())
    .addCommand(recheckCommand())
    .addCommand(enrollCommand())
    .addCommand(collateralCommand());
}
