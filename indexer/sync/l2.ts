import type { Hex } from "viem";
import { FlkError } from "#protocol/errors/error.ts";
import { applyLog } from "../handlers/l2.ts";
import { promoteSettled } from "../handlers/settled.ts";
import { StakeBook } from "../handlers/stake-book.ts";
import type { IndexerLogger } from "../logger.ts";
import { readCursor, writeCursor } from "../store/cursor.ts";
import type { Database, Store, Transaction, Writer } from "../store/database.ts";
import { Rows } from "../store/rows.ts";
import type { L2Block, L2Client, L2Providers, Outcome } from "./l2-client.ts";
import {
  type ContractAddresses,
  decodeLog,
  emittersOf,
  followedContracts,
  type KnownLog,
  type UnknownLog,
} from "./l2-logs.ts";
import type { L2Log } from "./log-query.ts";
import { type Range, ReadAhead } from "./read-ahead.ts";

export interface L2Follower {
  step(signal: AbortSignal): Promise<"more" | "idle">;
  /** newest finalized L2 block as last heard, -1 before */
  finalized(): number;
  /** digests of settlements that are posted and not finalized, by epoch */
  posted(): Readonly<Record<number, Hex>>;
}

/** Follows the finalized logs of our contracts; what is not finalized is never stored. */
export function createL2Follower(options: {
  db: Database;
  write: Writer["write"];
  complete: Store["complete"];
  logsPerWrite: Store["logsPerWrite"];
  providers: L2Providers;
  contracts: ContractAddresses;
  deployBlock: number;
  logger: IndexerLogger;
}): L2Follower {
  const { db, write, complete, logsPerWrite, providers, contracts, deployBlock, logger } = options;
  const followed = followedContracts(contracts);
  const emitters = emittersOf(followed);
  const ahead = new ReadAhead(readRange, logsPerWrite);
  let newest = -1;
  let completed = false;
  let posted: Readonly<Record<number, Hex>> = {};

  async function round(client: L2Client, signal: AbortSignal): Promise<Outcome> {
    const cursor = await readCursor(db);
    const finalized = await client.finalized();
    newest = Math.max(newest, finalized.number);
    if (finalized.number <= cursor.l2Block) return arrive(client, finalized, signal);
    const from = Math.max(cursor.l2Block + 1, deployBlock);
    const ranges = await ahead.take(client, from, finalized);
    const last = (ranges.at(-1) as Range).last;
    const { number: to, hash } = last;
    assertSameBlock(last, finalized);
    await assertNoFork(client, cursor.l2Block, cursor.l2Hash);
    const known = ranges.flatMap((range) => range.known);
    const gas = await readGas(client, known);
    const disagreeing = await write(async (tx) => {
      const marked = await writeLogs(tx, known, gas);
      await writeCursor(tx, { l2Block: to, l2Hash: hash });
      return marked;
    });
    for (const epoch of disagreeing)
      logger.error("epoch_not_verified", { epoch, code: "ERR_SETTLEMENT_DIGEST" });
    return to < finalized.number ? "more" : arrive(client, finalized, signal);
  }

  /** All that is final is in. */
  async function arrive(client: L2Client, finalized: L2Block, signal: AbortSignal): Promise<"idle"> {
    if (!completed) await complete(signal);
    completed = true;
    posted = await readPosted(client, finalized);
    return "idle";
  }

  async function readRange(client: L2Client, from: number, finalized: L2Block): Promise<Range> {
    if (from > finalized.number) return { known: [], last: finalized };
    const { logs, last } = await client.logs(emitters, from, finalized.number);
    assertSameBlock(last, finalized);
    return { known: await decodeAll(client, logs), last };
  }

  async function decodeAll(client: L2Client, logs: L2Log[]): Promise<(KnownLog | UnknownLog)[]> {
    const times = await client.times(logs);
    return logs
      .map((log) => decodeLog(followed, log, times.get(Number(log.blockNumber)) as number))
      .filter((log) => log !== undefined);
  }

  async function readPosted(client: L2Client, finalized: L2Block): Promise<Record<number, Hex>> {
    const found: Record<number, Hex> = {};
    for (const raw of await client.unfinalized(contracts.settlement, finalized.number)) {
      const log = decodeLog(followed, raw, 0);
      if (log?.eventName === "Settled") found[Number(log.args.epoch)] = log.args.digest;
    }
    return found;
  }

  return {
    step: (signal) => providers.use((client) => round(client, signal)),
    finalized: () => newest,
    posted: () => posted,
  };
}

/** Gives the epochs of which the L2 settled something else than was certified here. */
async function writeLogs(tx: Transaction, known: Range["known"], gas: Map<Hex, bigint>): Promise<number[]> {
  const range = { gas, stake: await StakeBook.read(tx, known) };
  const rows = new Rows(tx);
  for (const log of known) {
    const applied = applyLog(rows, log, range);
    if (applied) await applied;
    if (rows.isMuch) await rows.flush();
    else if (rows.hasMany) await rows.begin();
  }
  await rows.flush();
  const settles = known.some(({ eventName }) => eventName === "Settled" || eventName === "Activated");
  return settles ? promoteSettled(tx) : [];
}

/** @throws ERR_L2_RESPONSE for two blocks of one number */
function assertSameBlock(a: L2Block, b: L2Block): void {
  if (a.number !== b.number || a.hash === b.hash) return;
  throw new FlkError("ERR_L2_RESPONSE", `the L2 had two final blocks ${a.number} within one look`, {
    block: a.number,
  });
}

/** @throws ERR_L2_FORK: what was final is gone, so that every row is in doubt */
async function assertNoFork(client: L2Client, number: number, known: string | null): Promise<void> {
  if (known === null) return;
  const hash = await client.hash(number);
  if (hash === undefined)
    throw new FlkError("ERR_L2_UNREACHABLE", `the L2 lacks its block ${number}`, { block: number });
  if (hash !== known) {
    throw new FlkError("ERR_L2_FORK", `finalized L2 block ${number} has another hash than when it was read`, {
      block: number,
      got: hash,
      known,
    });
  }
}

async function readGas(client: L2Client, logs: (KnownLog | UnknownLog)[]): Promise<Map<Hex, bigint>> {
  const gas = new Map<Hex, bigint>();
  for (const log of logs) {
    if (log.eventName === "Settled") gas.set(log.txHash, await client.gasUsed(log.txHash));
  }
  return gas;
}
