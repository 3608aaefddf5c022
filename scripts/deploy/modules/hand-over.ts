import { keccak256, toBytes, toFunctionSelector, zeroHash } from "viem";
import type { Proxied } from "../implementations.ts";
import type { DeployParameters } from "../parameters.ts";
import { ROLE_FUNCTIONS, ROLES } from "../roles.ts";
import type { Argument, Builder, Contract, Future } from "./builder.ts";

interface Parts {
  manager: Contract;
  proxies: Record<Proxied, Contract>;
  timelock: Contract;
  governor: Contract;
  /** what the deployer still does as administrator */
  after: Future[];
}

/** Leaves the timelock as the only administrator, the governor as the only one who tells the timelock what to do. */
export function handOver(m: Builder, p: DeployParameters, parts: Parts): void {
  const deployer = m.getAccount(0);
  const guardian = p.guardian === "deployer" ? deployer : p.guardian;
  const launcher = p.launcher === "deployer" ? deployer : p.launcher;
  const ruled = ruleTimelock(m, parts);
  const encode = (name: string, args: Argument[], id: string) =>
    m.encodeFunctionCall(parts.manager, name, args, { id: `Manager_${id}` });
  const functions = Object.entries(ROLE_FUNCTIONS).flatMap(([role, targets]) =>
    Object.entries(targets).map(([target, signatures]) => {
      const contract = parts.proxies[target as Proxied];
      const args = [contract, signatures.map(toFunctionSelector), ROLES[role as keyof typeof ROLES]];
      return encode("setTargetFunctionRole", args, `${role}_${target}`);
    }),
  );
  const calls = [
    encode("labelRole", [ROLES.guardian, "GUARDIAN"], "label_guardian"),
    encode("labelRole", [ROLES.launcher, "LAUNCHER"], "label_launcher"),
    ...functions,
    encode("grantRole", [ROLES.guardian, guardian, 0], "guardian"),
    encode("grantRole", [ROLES.launcher, launcher, 0], "launcher"),
    encode("grantRole", [ROLES.admin, parts.timelock, 0], "admin"),
    encode("renounceRole", [ROLES.admin, deployer], "renounce"),
  ];
  m.call(parts.manager, "multicall", [calls], { id: "HandOver", after: [...parts.after, ruled] });
}

/** The timelock administers itself. @returns the deployer's farewell to it */
function ruleTimelock(m: Builder, { timelock, governor }: Parts): Future {
  const deployer = m.getAccount(0);
  const grant = (role: string, who: Argument, id: string) =>
    m.call(timelock, "grantRole", [keccak256(toBytes(role)), who], { id: `Timelock_${id}` });
  const grants = [
    grant("PROPOSER_ROLE", governor, "proposer"),
    grant("CANCELLER_ROLE", governor, "canceller"),
  ];
  return m.call(timelock, "renounceRole", [zeroHash, deployer], { id: "Timelock_renounce", after: grants });
}
