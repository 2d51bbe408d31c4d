import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const GWEI = 10n ** 9n;
const ETHER = 10n ** 18n;

/**
 * A whole deployment: registries, verifiers and market, wired together. The deploying account administers it; pass that
 * on with the `Handover` module. The contracts' constructors check every parameter, so a bad one deploys nothing that
 * works: windows are 1 second to 90 days, the root key is a point of P-256.
 *
 * Parameters are in seconds and wei. `simulatedRootX` and `simulatedRootY` have no default on purpose: whoever holds
 * that key can enrol any enclave.
 */
export default buildModule("Assay", (m) => {
  const admin = m.getAccount(0);

  const accessManager = m.contract("AccessManager", [admin]);
  const groth16Verifier = m.contract("Groth16Verifier");
  const modelRegistry = m.contract("ModelRegistry", [groth16Verifier]);
  const workerRegistry = m.contract("WorkerRegistry", [
    modelRegistry,
    m.getParameter("minimumStake", ETHER / 10n),
    m.getParameter("unbondingDelay", 24 * HOUR),
    accessManager,
  ]);
  const enclaveRegistry = m.contract("EnclaveRegistry", [accessManager]);
  const teeVerifier = m.contract("TeeVerifier", [modelRegistry, enclaveRegistry]);
  const simulatedQuoteVerifier = m.contract("SimulatedQuoteVerifier", [
    m.getParameter("simulatedRootX"),
    m.getParameter("simulatedRootY"),
    m.getParameter("simulatedQuoteMaxAge", 30 * 24 * HOUR),
  ]);
  const market = m.contract("InferenceMarket", [
    {
      priorityWindow: m.getParameter("priorityWindow", MINUTE),
      evidenceWindow: m.getParameter("evidenceWindow", 30 * MINUTE),
      minChallengeWindow: m.getParameter("minChallengeWindow", 5 * MINUTE),
      maxTimeToLive: m.getParameter("maxTimeToLive", 7 * 24 * HOUR),
      maxCallbackGas: m.getParameter("maxCallbackGas", 2_000_000),
      jobStake: m.getParameter("jobStake", ETHER / 100n),
      challengeBond: m.getParameter("challengeBond", 1_000_000n * GWEI),
    },
    modelRegistry,
    workerRegistry,
    teeVerifier,
    groth16Verifier,
    accessManager,
  ]);

  m.call(workerRegistry, "setMarket", [market], { from: admin });
  m.call(enclaveRegistry, "addQuoteVerifier", [simulatedQuoteVerifier], { from: admin });

  return {
    accessManager,
    modelRegistry,
    workerRegistry,
    enclaveRegistry,
    market,
    groth16Verifier,
    teeVerifier,
    simulatedQuoteVerifier,
  };
});
