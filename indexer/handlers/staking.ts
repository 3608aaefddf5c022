import { zeroAddress } from "viem";
import { g1FromEip2537 } from "#protocol/crypto/eip2537.ts";
import { fromHex, toHex } from "#protocol/types/hex.ts";
import { ensureAccounts, plus, ROLE, type Rows } from "../store/rows.ts";
import { nodeHistory, nodeKeys, nodes, slashes, stakeLocks, stakes } from "../store/schema.ts";
import type { LogOf } from "../sync/l2-logs.ts";
import { lower } from "./lower.ts";
import { placeOf } from "./place.ts";
import type { StakeBook } from "./stake-book.ts";
import { applyRequestClosed, applyUnstakeRequested, slashRequests } from "./thawing.ts";

type StakingLog = LogOf<"staking">;
type Of<Name extends StakingLog["eventName"]> = Extract<StakingLog, { eventName: Name }>;
type NodeState = Partial<Omit<typeof nodeHistory.$inferInsert, "node" | "block">>;

/** Writes what one finalized log of the staking contract says. */
export function applyStakingLog(rows: Rows, log: StakingLog, book: StakeBook): void {
  book.follow(log);
  switch (log.eventName) {
    case "NodeRegistered":
      applyNodeRegistered(rows, log);
      return;
    case "KeyRotated":
      applyKeyRotated(rows, log);
      return;
    case "StakeChanged": {
      const { nodeId: node, staked, thawing } = log.args;
      rows.insert(stakes, { ...placeOf(log), node, staked, thawing });
      change(rows, log, { stake: staked, thawing });
      return;
    }
    case "StakeLocked": {
      const lockedUntil = Number(log.args.lockedUntil);
      rows.insert(stakeLocks, { ...placeOf(log), node: log.args.nodeId, lockedUntil });
      change(rows, log, { lockedUntil });
      return;
    }
    case "UnstakeRequested":
      applyUnstakeRequested(rows, log);
      return;
    case "UnstakeCancelled":
    case "Withdrawn":
      applyRequestClosed(rows, log);
      return;
    case "Slashed":
      applySlashed(rows, log, book);
      return;
    case "ParticipationSet":
      change(rows, log, { optedIn: log.args.optedIn });
      return;
    case "PayeeSet":
      change(rows, log, { payee: lower(log.args.payee) });
      return;
    case "OperatorSet":
      change(rows, log, { operator: lower(log.args.operator) });
      return;
    case "NetworkKeyRotated":
      change(rows, log, { networkKey: log.args.networkKey });
      return;
    case "EndpointsSet":
      change(rows, log, { endpoints: log.args.endpoints });
      return;
  }
}

/** Of the node that the log names, now and in its history. */
function change(rows: Rows, log: { args: { nodeId: number }; block: number }, state: NodeState): void {
  const { nodeId: id } = log.args;
  const operator = state.operator === zeroAddress ? { operator: null } : {};
  rows.update(nodes, { id, ...(state as Partial<typeof nodes.$inferInsert>), ...operator });
  rows.upsert(nodeHistory, { node: id, block: log.block, ...state });
}

function applyNodeRegistered(rows: Rows, { args, block }: Of<"NodeRegistered">): void {
  const { nodeId: id, keyVersion, networkKey, endpoints } = args;
  const owner = lower(args.owner);
  const consensusKey = toHex(g1FromEip2537(fromHex(args.key)));
  const state = { payee: owner, optedIn: true, keyVersion, consensusKey, networkKey, endpoints };
  rows.insert(nodes, { id, owner, ...state });
  rows.upsert(nodeHistory, { node: id, block, stake: 0n, thawing: 0n, ...state });
  rows.insert(nodeKeys, { node: id, version: keyVersion, consensusKey });
  ensureAccounts(rows, [owner], ROLE.operator);
}

function applyKeyRotated(rows: Rows, log: Of<"KeyRotated">): void {
  const { nodeId, keyVersion, key, fromEpoch } = log.args;
  const consensusKey = toHex(g1FromEip2537(fromHex(key)));
  rows.insert(nodeKeys, { node: nodeId, version: keyVersion, consensusKey });
  change(rows, log, { keyVersion, consensusKey, keyFromEpoch: Number(fromEpoch) });
}

/** The contract has changed the stake before it says why. */
function applySlashed(rows: Rows, log: Of<"Slashed">, book: StakeBook): void {
  const { nodeId: node, amount, reporter, reward } = log.args;
  rows.insert(slashes, {
    ...placeOf(log),
    node,
    amount,
    reporter: reporter === zeroAddress ? null : lower(reporter),
    reward,
  });
  rows.update(nodes, { id: node, slashed: plus(amount) });
  const held = book.held(node);
  if (held) slashRequests(rows, log, held);
}

/** Writes what one finalized log of the slasher says. Evidence comes after the slash that it was shown for. */
export function applySlasherLog(rows: Rows, log: LogOf<"slasher">, book: StakeBook): void {
  if (log.eventName !== "EquivocationSlashed") return;
  const { nodeId, epoch, kind, slot } = log.args;
  const slash = book.takeSlash(nodeId, log.txHash);
  if (!slash) return;
  const { block, logIndex } = slash;
  rows.update(slashes, { block, logIndex, epoch: Number(epoch), kind, slot });
}
