import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

import Contracts from "./Contracts.ts";

/**
 * A whole deployment: the contracts, whose parameters are those of the module `Assay` in `Contracts.ts`, wired together
 * by the deploying account, which must be their administrator. Pass that on with the `Handover` module.
 */
export default buildModule("Wiring", (m) => {
  const contracts = m.useModule(Contracts);
  const { workerRegistry, enclaveRegistry, market, receiptAnchors, intelQuoteVerifier, nitroQuoteVerifier } = contracts;
  const admin = m.getAccount(0);

  m.call(workerRegistry, "setHolders", [market, receiptAnchors], { from: admin });
  const intel = m.call(enclaveRegistry, "addQuoteVerifier", [intelQuoteVerifier], {
    from: admin,
    id: "addIntelQuotes",
  });
  m.call(enclaveRegistry, "addQuoteVerifier", [nitroQuoteVerifier], {
    from: admin,
    id: "addNitroQuotes",
    after: [intel],
  });

  return contracts;
});
