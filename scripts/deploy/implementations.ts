/**
 * The contracts behind proxies, by their name in a deployment: the artifact, and which contracts of the deployment its
 * constructor takes. The links are immutables, so whoever deploys a new implementation passes the same ones.
 */
export const IMPLEMENTATIONS = {
  settlement: { artifact: "EpochSettlement", links: ["flk", "stable", "vault", "staking", "parameters"] },
  parameters: { artifact: "ProtocolParameters", links: ["settlement"] },
  services: { artifact: "ServiceRegistry", links: ["parameters"] },
  staking: { artifact: "NodeStaking", links: ["flk", "parameters", "settlement", "slasher", "votes"] },
  slasher: { artifact: "Slasher", links: ["staking", "parameters", "settlement"] },
  vault: { artifact: "ClientVault", links: ["stable", "settlement"] },
  auction: { artifact: "BuybackAuction", links: ["flk", "stable", "settlement"] },
  votes: { artifact: "FlkVotes", links: ["flk", "staking"] },
} as const;

export type Proxied = keyof typeof IMPLEMENTATIONS;

export const PROXIED = Object.keys(IMPLEMENTATIONS) as Proxied[];
