import { globSync } from "node:fs";
import { ROOT } from "#scripts/deploy/hardhat.ts";

/** What is mutated, by role. Interfaces have no code, and libraries that others wrote about have tests of their own. */
const ROLES: Record<string, { include: string[]; exclude: string[] }> = {
  settlement: {
    include: ["contracts/bridge/*.sol", "contracts/libraries/CommitteeCertificate.sol"],
    exclude: ["contracts/bridge/ClientVault*.sol"],
  },
  staking: { include: ["contracts/staking/*.sol"], exclude: [] },
  vault: { include: ["contracts/bridge/ClientVault*.sol"], exclude: [] },
};

export const ROLE_NAMES = Object.keys(ROLES);

/** The files of a role, or those that a path names; none for what is neither. */
export function filesOf(name: string): string[] {
  const role = Object.hasOwn(ROLES, name) ? ROLES[name] : undefined;
  if (role) return globSync(role.include, { cwd: ROOT, exclude: role.exclude }).sort();
  return name.startsWith("contracts/") ? globSync(name, { cwd: ROOT }).sort() : [];
}
