import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import { id } from "ethers";

import Assay from "./Assay.ts";
import { type NarrowRole, ROLE } from "./roles.ts";

const DAY = 86_400;
const PLATFORM_POWERS = [
  "setMinimum(bool,(bytes32,bytes16,bytes16,uint16,uint16,uint16,uint40))",
  "acceptStatuses(uint8)",
  "requireLists(bool)",
];

/**
 * Passes a deployment from the deploying account to others for good: every power to the account that is named for it,
 * `pauser`, `feeSetter`, `measurer`, `quoteVerifierAdder`, `platformJudge`, and the rest, which is to name others, to
 * `admin`. All but pausing takes effect only after a delay in seconds, in which everyone can see it coming and leave.
 *
 * `setHolders` is nobody's: it was called already, and works once.
 */
export default buildModule("Handover", (m) => {
  const contracts = m.useModule(Assay);
  const { accessManager, market, enclaveRegistry, intelCollateral, nitroCertificates } = contracts;
  const from = m.getAccount(0);
  type Target = typeof market | typeof enclaveRegistry | typeof intelCollateral | typeof nitroCertificates;
  const options = (step: string) => ({ from, id: step, after: [Assay] });
  const power = (role: NarrowRole, targets: readonly (readonly [Target, readonly string[]])[], delay: number) => {
    const powers = targets.map(([target, signatures], index) => {
      const selectors = signatures.map((signature) => id(signature).slice(0, 10));
      const step = index === 0 ? `${role}_powers` : `${role}_powers_${index + 1}`;
      return m.call(accessManager, "setTargetFunctionRole", [target, selectors, ROLE[role]], options(step));
    });
    const grant = [ROLE[role], m.getParameter(role), m.getParameter(`${role}Delay`, delay)];
    return [
      ...powers,
      m.call(accessManager, "labelRole", [ROLE[role], role], options(`${role}_label`)),
      m.call(accessManager, "grantRole", grant, options(`${role}_grant`)),
    ];
  };
  const given = [
    power("pauser", [[market, ["setPaused(bool)"]]], 0),
    power("feeSetter", [[market, ["setProtocolFee(uint16,address)"]]], 7 * DAY),
    power("measurer", [[enclaveRegistry, ["acceptMeasurement(bytes32,bool)"]]], DAY),
    power("quoteVerifierAdder", [[enclaveRegistry, ["addQuoteVerifier(address)"]]], 7 * DAY),
    power(
      "platformJudge",
      [
        [intelCollateral, PLATFORM_POWERS],
        [nitroCertificates, ["trust(bytes32,bool)"]],
      ],
      DAY,
    ),
  ].flat();

  const granted = m.call(
    accessManager,
    "grantRole",
    [ROLE.administrator, m.getParameter("admin"), m.getParameter("adminDelay", 7 * DAY)],
    { from, after: given },
  );
  m.call(accessManager, "renounceRole", [ROLE.administrator, from], { from, after: [granted] });

  return contracts;
});
