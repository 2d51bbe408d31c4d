import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

import Assay from "./Assay.ts";

/** The administrator's role in OpenZeppelin's AccessManager. */
const ADMIN_ROLE = 0n;

/** Passes the administration of a deployment from the deploying account to another one, `admin`, for good. */
export default buildModule("Handover", (m) => {
  const { accessManager } = m.useModule(Assay);
  const deployer = m.getAccount(0);

  const granted = m.call(accessManager, "grantRole", [ADMIN_ROLE, m.getParameter("admin"), 0], { from: deployer });
  m.call(accessManager, "renounceRole", [ADMIN_ROLE, deployer], { from: deployer, after: [granted] });

  return { accessManager };
});
