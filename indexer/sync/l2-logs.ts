import { decodeEventLog, type Hex, isAddressEqual, type Log } from "viem";
import { clientVaultAbi } from "#protocol/abi/ClientVault.ts";
import { epochSettlementAbi } from "#protocol/abi/EpochSettlement.ts";
import { nodeStakingAbi } from "#protocol/abi/NodeStaking.ts";
import { protocolParametersAbi } from "#protocol/abi/ProtocolParameters.ts";
import { serviceRegistryAbi } from "#protocol/abi/ServiceRegistry.ts";
import { FlkError } from "#protocol/errors/error.ts";

export interface ContractAddresses {
  settlement: Hex;
  staking: Hex;
  vault: Hex;
  parameters: Hex;
  services: Hex;
  flk: Hex;
  stable: Hex;
}

type Encoded = { data: Hex; topics: [Hex, ...Hex[]] };
const decoders = {
  settlement: (log: Encoded) => decodeEventLog({ abi: epochSettlementAbi, ...log }),
  staking: (log: Encoded) => decodeEventLog({ abi: nodeStakingAbi, ...log }),
  vault: (log: Encoded) => decodeEventLog({ abi: clientVaultAbi, ...log }),
  parameters: (log: Encoded) => decodeEventLog({ abi: protocolParametersAbi, ...log }),
  services: (log: Encoded) => decodeEventLog({ abi: serviceRegistryAbi, ...log }),
};
type ContractName = keyof typeof decoders;
const NAMES = Object.keys(decoders) as ContractName[];

export interface Place {
  block: number;
  logIndex: number;
  txHash: Hex;
}

/** A log of each contract: two contracts may name different events alike. */
export type LogOf<Name extends ContractName> = { contract: Name } & ReturnType<(typeof decoders)[Name]> &
  Place;
export type KnownLog = { [Name in ContractName]: LogOf<Name> }[ContractName];

/**
 * A log of one of our contracts, by its ABI; undefined for a log of another address.
 * @throws ERR_L2_LOG
 */
export function decodeLog(
  contracts: ContractAddresses,
  log: Log<bigint, number, false>,
): KnownLog | undefined {
  const contract = NAMES.find((name) => isAddressEqual(log.address, contracts[name]));
  const [topic, ...topics] = log.topics;
  if (!contract || topic === undefined) return undefined;
  const block = Number(log.blockNumber);
  try {
    const event = decoders[contract]({ data: log.data, topics: [topic, ...topics] });
    return { contract, ...event, block, logIndex: log.logIndex, txHash: log.transactionHash } as KnownLog;
  } catch (cause) {
    throw new FlkError(
      "ERR_L2_LOG",
      `a log of ${log.address} is not in our ABI`,
      { block, logIndex: log.logIndex },
      { cause },
    );
  }
}
