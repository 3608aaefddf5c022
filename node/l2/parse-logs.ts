import { parseEventLogs } from "viem";
import { buybackAuctionAbi } from "#protocol/abi/BuybackAuction.ts";
import { clientVaultAbi } from "#protocol/abi/ClientVault.ts";
import { epochSettlementAbi } from "#protocol/abi/EpochSettlement.ts";
import { nodeStakingAbi } from "#protocol/abi/NodeStaking.ts";
import { protocolParametersAbi } from "#protocol/abi/ProtocolParameters.ts";
import { serviceRegistryAbi } from "#protocol/abi/ServiceRegistry.ts";
import { g1FromEip2537 } from "#protocol/crypto/eip2537.ts";
import { isFlkError } from "#protocol/errors/error.ts";
import { isParameterKey } from "#protocol/params/keys.ts";
import type { L2Checkpoint } from "#protocol/types/consensus.ts";
import { fromHex, type Hex } from "#protocol/types/hex.ts";
import type { L2Event } from "#protocol/types/l2-events.ts";
import type { MinedLog } from "./agreeing-rpc.ts";
import type { L2Contracts } from "./contracts.ts";
import { l2Error } from "./errors.ts";

/** EpochSettlement.Started as logged; the members' keys are in the registrations before it. */
export interface StartedLog {
  /** epoch, and 16-byte entries nodeId ‖ keyVersion ‖ power */
  epoch: number;
  members: Uint8Array;
  committeeHash: Uint8Array;
  /** Unix ms */
  startTime: number;
  flkSupply: bigint;
  /** the block number as the contract saw it */
  l2Number: number;
  digest: Uint8Array;
  checkpoint: L2Checkpoint;
}

export interface PlacedEvent {
  block: number;
  logIndex: number;
  event: L2Event;
}

/** Logs in ascending order → events in the same order. Logs of no meaning to the chain are left out. @throws ERR_L2_LOG */
export function parseLogs(
  contracts: L2Contracts,
  logs: readonly MinedLog[],
): { events: PlacedEvent[]; started: StartedLog | undefined } {
  const events: PlacedEvent[] = [];
  let started: StartedLog | undefined;
  for (const log of logs) {
    try {
      const event = parseLog(contracts, log);
      if (event) events.push({ block: Number(log.blockNumber), logIndex: log.logIndex, event });
      else if (isFrom(log, contracts.settlement)) {
        assertNotRestarted(log);
        started ??= parseStarted(log);
      }
    } catch (cause) {
      if (isFlkError(cause)) throw cause;
      const data = { block: Number(log.blockNumber), logIndex: log.logIndex, address: log.address };
      throw l2Error("ERR_L2_LOG", `cannot read a log of ${log.address}`, data, { cause });
    }
  }
  return { events, started };
}

function isFrom(log: MinedLog, address: Hex): boolean {
  return log.address.toLowerCase() === address.toLowerCase();
}

function parseLog(contracts: L2Contracts, log: MinedLog): L2Event | undefined {
  if (isFrom(log, contracts.staking)) return parseStaking(log);
  if (isFrom(log, contracts.vault)) return parseVault(log);
  if (isFrom(log, contracts.parameters)) return parseParameters(log);
  if (isFrom(log, contracts.services)) return parseServices(log);
  if (isFrom(log, contracts.auction)) return parseAuction(log);
  return undefined;
}

function parseStaking(log: MinedLog): L2Event | undefined {
  const [parsed] = parseEventLogs({ abi: nodeStakingAbi, logs: [log] });
  switch (parsed?.eventName) {
    case "NodeRegistered": {
      const { nodeId, owner, keyVersion, key, networkKey, endpoints } = parsed.args;
      return {
        type: "nodeRegistered",
        nodeId,
        owner: fromHex(owner, 20),
        keyVersion,
        consensusKey: g1FromEip2537(fromHex(key, 128)),
        networkKey: fromHex(networkKey, 32),
        endpoints,
      };
    }
    case "EndpointsSet":
      return { type: "endpointsSet", nodeId: parsed.args.nodeId, endpoints: parsed.args.endpoints };
    case "StakeChanged": {
      const { nodeId, staked, thawing } = parsed.args;
      return { type: "stakeChanged", nodeId, staked, thawing };
    }
    default:
      return parsed && parseOperation(parsed);
  }
}

type StakingLog = ReturnType<typeof parseEventLogs<typeof nodeStakingAbi, true, undefined>>[number];

/** How a node is run, who is paid for it, and how long its stake is bound. */
function parseOperation(parsed: StakingLog): L2Event | undefined {
  switch (parsed.eventName) {
    case "KeyRotated": {
      const { nodeId, keyVersion, key } = parsed.args;
      return { type: "keyRotated", nodeId, keyVersion, consensusKey: g1FromEip2537(fromHex(key, 128)) };
    }
    case "NetworkKeyRotated": {
      const { nodeId, networkKey } = parsed.args;
      return { type: "networkKeyRotated", nodeId, networkKey: fromHex(networkKey, 32) };
    }
    case "ParticipationSet":
      return { type: "participationSet", nodeId: parsed.args.nodeId, optedIn: parsed.args.optedIn };
    case "PayeeSet":
      return { type: "payeeSet", nodeId: parsed.args.nodeId, payee: fromHex(parsed.args.payee, 20) };
    case "StakeLocked":
      return { type: "stakeLocked", nodeId: parsed.args.nodeId, lockedUntil: parsed.args.lockedUntil };
    default:
      return undefined;
  }
}

function parseVault(log: MinedLog): L2Event | undefined {
  const [parsed] = parseEventLogs({ abi: clientVaultAbi, logs: [log] });
  if (parsed?.eventName === "Deposited") {
    const { account, amount, total } = parsed.args;
    return { type: "deposit", account: fromHex(account, 20), amount, total };
  }
  if (parsed?.eventName === "WithdrawRequested") {
    const { account, amount } = parsed.args;
    return { type: "withdrawRequested", account: fromHex(account, 20), amount };
  }
  return undefined;
}

function parseParameters(log: MinedLog): L2Event | undefined {
  const [parsed] = parseEventLogs({ abi: protocolParametersAbi, logs: [log], eventName: "ParameterSet" });
  if (!parsed) return undefined;
  const key = new TextDecoder().decode(fromHex(parsed.args.key, 32)).replace(/\0+$/, "");
  // the L2 also has parameters that only its contracts read
  return isParameterKey(key) ? { type: "parameterSet", key, value: parsed.args.value } : undefined;
}

function parseServices(log: MinedLog): L2Event | undefined {
  const [parsed] = parseEventLogs({ abi: serviceRegistryAbi, logs: [log] });
  if (parsed?.eventName === "ServiceRegistered") {
    const { serviceId, owner } = parsed.args;
    return { type: "serviceRegistered", serviceId, owner: fromHex(owner, 20) };
  }
  if (parsed?.eventName === "ServiceTransferred") {
    const { serviceId, owner } = parsed.args;
    return { type: "serviceTransferred", serviceId, owner: fromHex(owner, 20) };
  }
  if (parsed?.eventName === "PriceSet") {
    const { serviceId, commodity, price } = parsed.args;
    return { type: "priceSet", serviceId, commodity, price };
  }
  return undefined;
}

function parseAuction(log: MinedLog): L2Event | undefined {
  const [parsed] = parseEventLogs({ abi: buybackAuctionAbi, logs: [log], eventName: "LotClosed" });
  if (!parsed) return undefined;
  const { fromEpoch, toEpoch, sold, burned, rolled, counted } = parsed.args;
  return {
    type: "lotClosed",
    auction: fromHex(log.address, 20),
    fromEpoch: Number(fromEpoch),
    toEpoch: Number(toEpoch),
    sold,
    rolled,
    burned,
    counted,
  };
}

/** Rolling back to the last active settlement is for a person to do, with the escapes in hand. @throws ERR_L2_RESTART */
function assertNotRestarted(log: MinedLog): void {
  const [parsed] = parseEventLogs({ abi: epochSettlementAbi, logs: [log], eventName: ["Frozen", "Restart"] });
  if (!parsed) return;
  const { activeEpochs } = parsed.args;
  const message = `the L2 says ${parsed.eventName}: this node does not roll back by itself`;
  throw l2Error("ERR_L2_RESTART", message, {
    event: parsed.eventName,
    activeEpochs: Number(activeEpochs),
    block: Number(log.blockNumber),
  });
}

function parseStarted(log: MinedLog): StartedLog | undefined {
  const [parsed] = parseEventLogs({ abi: epochSettlementAbi, logs: [log], eventName: "Started" });
  if (!parsed) return undefined;
  const { committee, committeeHash, startTime, l2Number, genesisDigest, flkSupply } = parsed.args;
  return {
    epoch: Number(committee.epoch),
    members: fromHex(committee.members),
    committeeHash: fromHex(committeeHash, 32),
    startTime: Number(startTime),
    l2Number: Number(l2Number),
    flkSupply,
    digest: fromHex(genesisDigest, 32),
    checkpoint: { number: Number(log.blockNumber), hash: fromHex(log.blockHash, 32) },
  };
}
