import { zeroAddress } from "viem";
import { g1FromEip2537 } from "#protocol/crypto/eip2537.ts";
import { fromHex, toHex } from "#protocol/types/hex.ts";
import { ensureAccounts, plus, ROLE, type Rows } from "../store/rows.ts";
import { nodeKeys, nodes } from "../store/schema.ts";
import type { LogOf } from "../sync/l2-logs.ts";
import { lower } from "./lower.ts";

type StakingLog = LogOf<"staking">;
type Of<Name extends StakingLog["eventName"]> = Extract<StakingLog, { eventName: Name }>;
type NodeUpdate = Parameters<typeof Rows.prototype.update<typeof nodes>>[1];

/** Writes what one finalized log of the staking contract says. */
export function applyStakingLog(rows: Rows, log: StakingLog): void {
  if (log.eventName === "NodeRegistered") applyNodeRegistered(rows, log);
  else if (log.eventName === "KeyRotated") applyKeyRotated(rows, log);
  else {
    const change = changeOf(log);
    if (change) rows.update(nodes, change);
  }
}

/** Events that change fields of one node. */
function changeOf(log: StakingLog): NodeUpdate | undefined {
  switch (log.eventName) {
    case "StakeChanged":
      return { id: log.args.nodeId, stake: log.args.staked, thawing: log.args.thawing };
    case "Slashed":
      return { id: log.args.nodeId, slashed: plus(log.args.amount) };
    case "StakeLocked":
      return { id: log.args.nodeId, lockedUntil: Number(log.args.lockedUntil) };
    case "ParticipationSet":
      return { id: log.args.nodeId, optedIn: log.args.optedIn };
    case "PayeeSet":
      return { id: log.args.nodeId, payee: lower(log.args.payee) };
    case "OperatorSet": {
      const { nodeId, operator } = log.args;
      return { id: nodeId, operator: operator === zeroAddress ? null : lower(operator) };
    }
    case "NetworkKeyRotated":
      return { id: log.args.nodeId, networkKey: log.args.networkKey };
    case "EndpointsSet":
      return { id: log.args.nodeId, endpoints: log.args.endpoints };
    default:
      return undefined;
  }
}

function applyNodeRegistered(rows: Rows, { args }: Of<"NodeRegistered">): void {
  const owner = lower(args.owner);
  const consensusKey = toHex(g1FromEip2537(fromHex(args.key)));
  rows.insert(nodes, {
    id: args.nodeId,
    owner,
    payee: owner,
    optedIn: true,
    keyVersion: args.keyVersion,
    consensusKey,
    networkKey: args.networkKey,
    endpoints: args.endpoints,
  });
  rows.insert(nodeKeys, { node: args.nodeId, version: args.keyVersion, consensusKey });
  ensureAccounts(rows, [owner], ROLE.operator);
}

function applyKeyRotated(rows: Rows, { args }: Of<"KeyRotated">): void {
  const { nodeId, keyVersion } = args;
  const consensusKey = toHex(g1FromEip2537(fromHex(args.key)));
  rows.insert(nodeKeys, { node: nodeId, version: keyVersion, consensusKey });
  rows.update(nodes, { id: nodeId, keyVersion, consensusKey });
}
