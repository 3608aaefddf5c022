import type { Abi } from "viem";
import { accessManagerAbi } from "#protocol/abi/AccessManager.ts";
import { buybackAuctionAbi } from "#protocol/abi/BuybackAuction.ts";
import { clientVaultAbi } from "#protocol/abi/ClientVault.ts";
import { epochSettlementAbi } from "#protocol/abi/EpochSettlement.ts";
import { flkAbi } from "#protocol/abi/FLK.ts";
import { flkGovernorAbi } from "#protocol/abi/FlkGovernor.ts";
import { flkTimelockAbi } from "#protocol/abi/FlkTimelock.ts";
import { flkVotesAbi } from "#protocol/abi/FlkVotes.ts";
import { nodeStakingAbi } from "#protocol/abi/NodeStaking.ts";
import { protocolParametersAbi } from "#protocol/abi/ProtocolParameters.ts";
import { serviceRegistryAbi } from "#protocol/abi/ServiceRegistry.ts";
import { slasherAbi } from "#protocol/abi/Slasher.ts";
import type { Hex } from "#protocol/types/hex.ts";
import type { L2Config } from "../config/schema.ts";
import { cliError } from "../errors.ts";

type Configured = L2Config["contracts"];

/** What governance can call, by the names of config.toml. */
const ABIS = {
  flk: flkAbi,
  parameters: protocolParametersAbi,
  services: serviceRegistryAbi,
  staking: nodeStakingAbi,
  slasher: slasherAbi,
  vault: clientVaultAbi,
  settlement: epochSettlementAbi,
  auction: buybackAuctionAbi,
  votes: flkVotesAbi,
  governor: flkGovernorAbi,
  timelock: flkTimelockAbi,
  access_manager: accessManagerAbi,
} as const satisfies Partial<Record<keyof Configured, Abi>>;

export type GovernedName = keyof typeof ABIS;

export interface GovernedContract {
  name: GovernedName;
  address: Hex;
  abi: Abi;
}

/** The contract that `name` stands for in a call. @throws ERR_CALL, ERR_CONFIG when its address is not configured */
export function governedContract(contracts: Configured, name: string): GovernedContract {
  if (!Object.hasOwn(ABIS, name)) {
    throw cliError("ERR_CALL", `there is no contract ${name}; there are ${Object.keys(ABIS).join(", ")}`, {
      name,
    });
  }
  const known = name as GovernedName;
  return { name: known, address: requireContract(contracts, known), abi: ABIS[known] };
}

/** The contract at `address`, when it is one of the network's. */
export function contractAt(contracts: Configured, address: Hex): GovernedContract | undefined {
  const names = Object.keys(ABIS) as GovernedName[];
  const name = names.find((key) => contracts[key]?.toLowerCase() === address.toLowerCase());
  return name && { name, address, abi: ABIS[name] };
}

/** @throws ERR_CONFIG */
export function requireContract(contracts: Configured, name: keyof Configured): Hex {
  const address = contracts[name];
  if (address) return address;
  const what = `l2.contracts.${name} is missing; the network's deployment.json has it`;
  throw cliError("ERR_CONFIG", what, { key: `l2.contracts.${name}` });
}
