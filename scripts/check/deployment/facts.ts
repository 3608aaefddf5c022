/**
 * What a deployment must look like, written down once more: the check shares no table with the deployment itself. Names
 * are those of the deployment file.
 */
export const PROXIES = {
  settlement: "EpochSettlement",
  parameters: "ProtocolParameters",
  services: "ServiceRegistry",
  staking: "NodeStaking",
  slasher: "Slasher",
  vault: "ClientVault",
  auction: "BuybackAuction",
  votes: "FlkVotes",
} as const;
export type ProxyName = keyof typeof PROXIES;

/** Contracts without a proxy whose code is ours to know. */
export const PLAIN = {
  flk: "FLK",
  accessManager: "AccessManager",
  timelock: "FlkTimelock",
  governor: "FlkGovernor",
} as const;

/** A constructor's argument: names of the deployment, hex as it is, or null for what may be anything. */
export type Argument = string | string[] | null;

/** What constructors take, of implementations where there is a proxy. What may be anything is for everybody to read on the chain. */
export const ARGUMENTS: Record<keyof typeof PLAIN | ProxyName, Argument[]> = {
  flk: ["settlement", null, null, null],
  accessManager: ["deployer"],
  timelock: [null, [], ["nobody"], "deployer"],
  governor: ["votes", "timelock", null],
  settlement: ["flk", "stable", "vault", "staking", "parameters"],
  parameters: ["settlement"],
  services: ["parameters"],
  staking: ["flk", "parameters", "settlement", "slasher", "votes"],
  slasher: ["staking", "parameters", "settlement"],
  vault: ["stable", "settlement"],
  auction: ["flk", "stable", "settlement"],
  votes: ["flk", "staking"],
};

/** Who alone may take whose tokens. */
export const ALLOWANCES: [token: string, owner: string, spender: string][] = [
  ["stable", "vault", "settlement"],
];

/** Code that a contract made for itself and runs on its own storage. */
export const PARTS: [of: string, getter: string, artifact: string][] = [
  ["settlement", "control", "SettlementControl"],
];

/** CONTRACT.getter of every address that a contract names in its code or keeps for good. */
export const LINKS: [from: string, getter: string, to: string][] = [
  ["flk", "minter", "settlement"],
  ["settlement", "flk", "flk"],
  ["settlement", "stable", "stable"],
  ["settlement", "vault", "vault"],
  ["settlement", "staking", "staking"],
  ["settlement", "parameters", "parameters"],
  ["parameters", "settlement", "settlement"],
  ["services", "parameters", "parameters"],
  ["staking", "flk", "flk"],
  ["staking", "parameters", "parameters"],
  ["staking", "settlement", "settlement"],
  ["staking", "slasher", "slasher"],
  ["staking", "votes", "votes"],
  ["slasher", "staking", "staking"],
  ["slasher", "parameters", "parameters"],
  ["slasher", "settlement", "settlement"],
  ["vault", "stable", "stable"],
  ["vault", "settlement", "settlement"],
  ["auction", "flk", "flk"],
  ["auction", "stable", "stable"],
  ["auction", "settlement", "settlement"],
  ["votes", "flk", "flk"],
  ["votes", "staking", "staking"],
  ["governor", "token", "votes"],
  ["governor", "timelock", "timelock"],
];

/** Roles of the AccessManager, and who alone holds each. */
export const ROLES: Record<string, string[]> = { 0: ["timelock"], 2: ["guardian"], 3: ["launcher"] };

/** Everything that answers to another role than the administrator's. */
export const FUNCTIONS: [target: string, signature: string, role: number][] = [
  ["settlement", "veto(uint64)", 2],
  ["vault", "pauseFor(uint32)", 2],
  ["staking", "pauseFor(uint32)", 2],
  ["auction", "pauseFor(uint32)", 2],
  ["settlement", "start((uint64,bytes,bytes),uint64)", 3],
];

/** Roles of the timelock, and who alone holds each. Anyone executes. Whoever could cancel, could block its own removal. */
export const TIMELOCK_ROLES: Record<string, string[]> = {
  DEFAULT_ADMIN_ROLE: ["timelock"],
  PROPOSER_ROLE: ["governor"],
  CANCELLER_ROLE: ["governor"],
  EXECUTOR_ROLE: ["nobody"],
};
