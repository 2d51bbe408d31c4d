import type { Deployment } from "../../../workers/sdk/deployment.ts";
import { MARKET } from "./scripted-node.ts";

/** All contracts at the address of the scripted market. */
export const DEPLOYMENT: Deployment = {
  chainId: 31337,
  modelRegistry: MARKET,
  workerRegistry: MARKET,
  market: MARKET,
  receiptAnchors: MARKET,
  paymentChannels: MARKET,
  enclaveRegistry: MARKET,
  groth16Verifier: MARKET,
  teeVerifier: MARKET,
  fromBlock: 0,
};
