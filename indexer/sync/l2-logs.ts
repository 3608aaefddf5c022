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

function decoder(contracts: ContractAddresses, address: Hex) {
  const is = (other: Hex) => isAddressEqual(address, other);
  if (is(contracts.settlement)) return settlementEvent;
  if (is(contracts.staking)) return stakingEvent;
  if (is(contracts.vault)) return vaultEvent;
  if (is(contracts.parameters)) return parametersEvent;
  if (is(contracts.services)) return servicesEvent;
  return undefined;
}

type Encoded = { data: Hex; topics: [Hex, ...Hex[]] };
const settlementEvent = (log: Encoded) => decodeEventLog({ abi: epochSettlementAbi, ...log });
const stakingEvent = (log: Encoded) => decodeEventLog({ abi: nodeStakingAbi, ...log });
const vaultEvent = (log: Encoded) => decodeEventLog({ abi: clientVaultAbi, ...log });
const parametersEvent = (log: Encoded) => decodeEventLog({ abi: protocolParametersAbi, ...log });
const servicesEvent = (log: Encoded) => decodeEventLog({ abi: serviceRegistryAbi, ...log });

type Decoded =
  | ReturnType<typeof settlementEvent>
  | ReturnType<typeof stakingEvent>
  | ReturnType<typeof vaultEvent>
  | ReturnType<typeof parametersEvent>
  | ReturnType<typeof servicesEvent>;

export type KnownLog = Decoded & { block: number; logIndex: number; txHash: Hex };

/**
 * A log of one of our contracts, by its ABI; undefined for a log of another address.
 * @throws ERR_L2_LOG
 */
export function decodeLog(
  contracts: ContractAddresses,
  log: Log<bigint, number, false>,
): KnownLog | undefined {
  const decode = decoder(contracts, log.address);
  const [topic, ...topics] = log.topics;
  if (!decode || topic === undefined) return undefined;
  const block = Number(log.blockNumber);
  try {
    const event = decode({ data: log.data, topics: [topic, ...topics] });
    return { ...event, block, logIndex: log.logIndex, txHash: log.transactionHash };
  } catch (cause) {
    throw new FlkError(
      "ERR_L2_LOG",
      `a log of ${log.address} is not in our ABI`,
      { block, logIndex: log.logIndex },
      { cause },
    );
  }
}
