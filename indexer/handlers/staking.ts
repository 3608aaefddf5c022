import { eq, sql } from "drizzle-orm";
import { zeroAddress } from "viem";
import { g1FromEip2537 } from "#protocol/crypto/eip2537.ts";
import { fromHex, toHex } from "#protocol/types/hex.ts";
import type { Transaction } from "../store/database.ts";
import { ensureAccounts, ROLE } from "../store/rows.ts";
import { nodeKeys, nodes } from "../store/schema.ts";
import type { LogOf } from "../sync/l2-logs.ts";
import { lower } from "./lower.ts";

type StakingLog = LogOf<"staking">;
type Of<Name extends StakingLog["eventName"]> = Extract<StakingLog, { eventName: Name }>;
type NodeUpdate = Parameters<ReturnType<Transaction["update"]>["set"]>[0];

/** Writes what one finalized log of the staking contract says. */
export async function applyStakingLog(tx: Transaction, log: StakingLog): Promise<void> {
  if (log.eventName === "NodeRegistered") return applyNodeRegistered(tx, log);
  if (log.eventName === "KeyRotated") return applyKeyRotated(tx, log);
  const change = changeOf(log);
  if (!change) return;
  await tx.update(nodes).set(change.values).where(eq(nodes.id, change.node));
}

/** Events that change fields of one node. */
function changeOf(log: StakingLog): { node: number; values: NodeUpdate } | undefined {
  switch (log.eventName) {
    case "StakeChanged":
      return { node: log.args.nodeId, values: { stake: log.args.staked, thawing: log.args.thawing } };
    case "Slashed":
      return {
        node: log.args.nodeId,
        values: { slashed: sql`${nodes.slashed} + ${log.args.amount}::numeric` },
      };
    case "StakeLocked":
      return { node: log.args.nodeId, values: { lockedUntil: Number(log.args.lockedUntil) } };
    case "ParticipationSet":
      return { node: log.args.nodeId, values: { optedIn: log.args.optedIn } };
    case "PayeeSet":
      return { node: log.args.nodeId, values: { payee: lower(log.args.payee) } };
    case "OperatorSet": {
      const { nodeId, operator } = log.args;
      return { node: nodeId, values: { operator: operator === zeroAddress ? null : lower(operator) } };
    }
    case "NetworkKeyRotated":
      return { node: log.args.nodeId, values: { networkKey: log.args.networkKey } };
    case "EndpointsSet":
      return { node: log.args.nodeId, values: { endpoints: log.args.endpoints } };
    default:
      return undefined;
  }
}

async function applyNodeRegistered(tx: Transaction, { args }: Of<"NodeRegistered">): Promise<void> {
  const owner = lower(args.owner);
  const consensusKey = toHex(g1FromEip2537(fromHex(args.key)));
  await tx.insert(nodes).values({
    id: args.nodeId,
    owner,
    payee: owner,
    optedIn: true,
    keyVersion: args.keyVersion,
    consensusKey,
    networkKey: args.networkKey,
    endpoints: args.endpoints,
  });
  await tx.insert(nodeKeys).values({ node: args.nodeId, version: args.keyVersion, consensusKey });
  await ensureAccounts(tx, [owner], ROLE.operator);
}

async function applyKeyRotated(tx: Transaction, { args }: Of<"KeyRotated">): Promise<void> {
  const { nodeId, keyVersion } = args;
  const consensusKey = toHex(g1FromEip2537(fromHex(args.key)));
  await tx.insert(nodeKeys).values({ node: nodeId, version: keyVersion, consensusKey });
  await tx.update(nodes).set({ keyVersion, consensusKey }).where(eq(nodes.id, nodeId));
}
