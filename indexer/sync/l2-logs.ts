import {
  type Abi,
  type AbiEvent,
  type DecodeEventLogReturnType,
  type Hex,
  type Log,
  toEventSelector,
} from "viem";
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
import { FlkError } from "#protocol/errors/error.ts";
import { createEventDecoder, type DecodedEvent, type EventDecoder } from "./event-decoder.ts";

/** As in config.toml. What is not named is not followed. */
export interface ContractAddresses {
  settlement: Hex;
  staking: Hex;
  vault: Hex;
  parameters: Hex;
  services: Hex;
  flk: Hex;
  stable: Hex;
  auction?: Hex | undefined;
  slasher?: Hex | undefined;
  governor?: Hex | undefined;
  timelock?: Hex | undefined;
  votes?: Hex | undefined;
  access_manager?: Hex | undefined;
}

const ABIS = {
  settlement: epochSettlementAbi,
  staking: nodeStakingAbi,
  vault: clientVaultAbi,
  parameters: protocolParametersAbi,
  services: serviceRegistryAbi,
  flk: flkAbi,
  auction: buybackAuctionAbi,
  slasher: slasherAbi,
  governor: flkGovernorAbi,
  timelock: flkTimelockAbi,
  votes: flkVotesAbi,
  access_manager: accessManagerAbi,
} as const satisfies Partial<Record<keyof ContractAddresses, Abi>>;
export type ContractName = keyof typeof ABIS;
const NAMES = Object.keys(ABIS) as ContractName[];
const DECODERS = Object.fromEntries(NAMES.map((name) => [name, createEventDecoder(ABIS[name])])) as Record<
  ContractName,
  EventDecoder
>;

export interface Place {
  block: number;
  logIndex: number;
  txHash: Hex;
  /** Unix ms of the block */
  time: number;
}

type Event<Name extends ContractName> = DecodeEventLogReturnType<(typeof ABIS)[Name]>;
/** A log of each contract: two contracts may name different events alike. */
export type LogOf<Name extends ContractName> = { contract: Name } & Event<Name> & Place;
/** By a version of a contract that this one does not know. */
export type UnknownLog = Place & {
  contract: ContractName;
  eventName: undefined;
  args: { topics: readonly Hex[]; data: Hex };
};
export type KnownLog = { [Name in ContractName]: LogOf<Name> }[ContractName];

/** What is followed of `contracts`, by address in lower case. */
export function followedContracts(contracts: ContractAddresses): Map<string, ContractName> {
  const entries = NAMES.map((name) => [contracts[name]?.toLowerCase(), name] as const);
  return new Map(entries.filter((entry): entry is [string, ContractName] => entry[0] !== undefined));
}

/** The addresses of `followed` with the selectors of their events. */
export function emittersOf(followed: ReadonlyMap<string, ContractName>): Map<string, Hex[]> {
  return new Map([...followed].map(([address, name]) => [address, selectorsOf(ABIS[name])]));
}

function selectorsOf(abi: Abi): Hex[] {
  return abi.filter((item): item is AbiEvent => item.type === "event").map((event) => toEventSelector(event));
}

/**
 * A log of one of our contracts, by its ABI; undefined for a log of another address. `time`: Unix ms of its block.
 * @throws ERR_L2_LOG
 */
export function decodeLog(
  followed: Map<string, ContractName>,
  log: Log<bigint, number, false>,
  time: number,
): KnownLog | UnknownLog | undefined {
  const contract = followed.get(log.address.toLowerCase());
  if (!contract || log.topics.length === 0) return undefined;
  const block = Number(log.blockNumber);
  const { logIndex, transactionHash: txHash } = log;
  let event: DecodedEvent | undefined;
  try {
    event = DECODERS[contract](log.topics, log.data);
  } catch (cause) {
    throw new FlkError(
      "ERR_L2_LOG",
      `a log of ${log.address} is not in our ABI`,
      { block, logIndex },
      { cause },
    );
  }
  const eventName = event?.eventName;
  const args = event ? event.args : { topics: log.topics, data: log.data };
  return { contract, eventName, args, block, logIndex, txHash, time } as KnownLog | UnknownLog;
}
