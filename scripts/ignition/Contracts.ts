import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

import { challengeBondFor, DEFAULT_GAS, jobStakeFor } from "./bonds.ts";
import { AWS_ROOT, INTEL_ROOT } from "./roots.ts";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const ETHER = 10n ** 18n;
/** For how long a quote counts at most before the enclave must enrol again. */
export const QUOTE_MAX_AGE = 30 * DAY;
const NATIVE = "0x0000000000000000000000000000000000000000";

/**
 * All contracts, not yet wired together: registries, verifiers, channels, anchors, and the market's four parts last. The
 * constructors check every parameter, so with a bad one there is no market.
 *
 * Parameters are in seconds and the currency's smallest unit. `admin` administers all of it, at first; `currency` is the
 * ERC-20 in which everything is paid, or zero for the native coin, for which alone the default stakes and bonds make
 * sense. `quoteMaxAge` is for how long a quote enrols an enclave at most, `enclaveGrace` how long one whose platform became
 * outdated may go on.
 *
 * With Ignition's strategy `create2` the addresses depend on the salt and the parameters alone, whoever deploys.
 */
export default buildModule("Assay", (m) => {
  const currency = m.getParameter("currency", NATIVE);

  const accessManager = m.contract("AccessManager", [m.getParameter("admin", m.getAccount(0))]);
  const groth16Verifier = m.contract("Groth16Verifier");
  const modelRegistry = m.contract("ModelRegistry", [groth16Verifier]);
  const workerRegistry = m.contract("WorkerRegistry", [
    modelRegistry,
    currency,
    m.getParameter("minimumStake", ETHER / 10n),
    m.getParameter("unbondingDelay", 7 * DAY),
    accessManager,
  ]);
  const enclaveRegistry = m.contract("EnclaveRegistry", [
    accessManager,
    workerRegistry,
    m.getParameter("enclaveGrace", 14 * DAY),
  ]);
  const teeVerifier = m.contract("TeeVerifier", [modelRegistry, enclaveRegistry]);
  const collateralReader = m.contract("CollateralReader");
  const intelCertificates = m.contract("CertificateStore", [INTEL_ROOT.x, INTEL_ROOT.y], { id: "IntelCertificates" });
  const intelCollateral = m.contract("CollateralRegistry", [accessManager, intelCertificates, collateralReader], {
    id: "IntelCollateral",
  });
  const quoteMaxAge = m.getParameter("quoteMaxAge", QUOTE_MAX_AGE);
  const intelQuoteVerifier = m.contract("DcapQuoteVerifier", [intelCertificates, intelCollateral, quoteMaxAge], {
    id: "IntelQuoteVerifier",
  });
  const p384 = m.contract("P384");
  const nitroCertificates = m.contract("NitroCertificates", [accessManager, p384, AWS_ROOT]);
  const nitroQuoteVerifier = m.contract("NitroQuoteVerifier", [nitroCertificates, p384, quoteMaxAge]);

  const evidenceWindow = m.getParameter("evidenceWindow", 30 * MINUTE);
  const challengeBond = m.getParameter("challengeBond", challengeBondFor(DEFAULT_GAS));
  const jobStake = m.getParameter("jobStake", jobStakeFor(DEFAULT_GAS));
  const receiptAnchors = m.contract("ReceiptAnchors", [
    {
      challengeWindow: m.getParameter("anchorChallengeWindow", DAY),
      evidenceWindow,
      anchorStake: m.getParameter("anchorStake", ETHER / 100n),
      challengeBond,
    },
    modelRegistry,
    workerRegistry,
    teeVerifier,
    groth16Verifier,
  ]);
  const paymentChannels = m.contract("PaymentChannels", [currency, m.getParameter("channelDisputeWindow", DAY)]);

  const chosen = {
    priorityWindow: m.getParameter("priorityWindow", MINUTE),
    evidenceWindow,
    revealWindow: m.getParameter("revealWindow", 10 * MINUTE),
    minChallengeWindow: m.getParameter("minChallengeWindow", 5 * MINUTE),
    maxChallengeWindow: m.getParameter("maxChallengeWindow", DAY),
    maxTimeToLive: m.getParameter("maxTimeToLive", 7 * DAY),
    maxCallbackGas: m.getParameter("maxCallbackGas", 2_000_000),
    jobStake,
    challengeBond,
    missLimit: m.getParameter("missLimit", 8),
  };
  const parts = {
    models: modelRegistry,
    workers: workerRegistry,
    teeVerifier,
    zkmlVerifier: groth16Verifier,
    currency,
    authority: accessManager,
  };
  const marketRounds = m.contract("MarketRounds", [chosen, parts], {
    after: [intelQuoteVerifier, nitroQuoteVerifier, receiptAnchors, paymentChannels],
  });
  const marketDisputes = m.contract("MarketDisputes", [chosen, parts, marketRounds]);
  const marketAccounts = m.contract("MarketAccounts", [chosen, parts, marketDisputes]);
  const market = m.contract("InferenceMarket", [chosen, parts, marketAccounts]);

  return {
    accessManager,
    modelRegistry,
    workerRegistry,
    enclaveRegistry,
    market,
    marketAccounts,
    marketDisputes,
    marketRounds,
    receiptAnchors,
    paymentChannels,
    groth16Verifier,
    teeVerifier,
    collateralReader,
    intelCertificates,
    intelCollateral,
    intelQuoteVerifier,
    p384,
    nitroCertificates,
    nitroQuoteVerifier,
  };
});
