import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

import Assay from "./Assay.ts";
import { QUOTE_MAX_AGE } from "./Contracts.ts";

/**
 * A whole deployment that also takes SIMULATED enclaves, for test chains and demonstrations: quotes signed under the
 * development root of which `rootX` and `rootY` are the public key. Whoever knows the key's secret can enrol any enclave
 * with any measurement, so where value is at stake this module is left out.
 *
 * Its quote verifier comes after those of `Assay`; ask the registry for its number.
 */
export default buildModule("DevelopmentEnclaves", (m) => {
  const contracts = m.useModule(Assay);
  const { accessManager, enclaveRegistry, collateralReader } = contracts;
  const root = [m.getParameter("rootX"), m.getParameter("rootY")];

  const developmentCertificates = m.contract("CertificateStore", root);
  const developmentCollateral = m.contract("CollateralRegistry", [
    accessManager,
    developmentCertificates,
    collateralReader,
  ]);
  const developmentQuoteVerifier = m.contract("DcapQuoteVerifier", [
    developmentCertificates,
    developmentCollateral,
    m.getParameter("quoteMaxAge", QUOTE_MAX_AGE),
  ]);
  m.call(enclaveRegistry, "addQuoteVerifier", [developmentQuoteVerifier], { from: m.getAccount(0), after: [Assay] });

  return { ...contracts, developmentCertificates, developmentCollateral, developmentQuoteVerifier };
});
