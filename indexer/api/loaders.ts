import { inArray, sql } from "drizzle-orm";
import type { Database } from "../store/database.ts";
import {
  accountEpochs,
  accounts,
  epochGrants,
  epochs,
  nodes,
  nodeWork,
  prices,
  settlementEvents,
  settlements,
} from "../store/schema.ts";
import { readWithdrawn, sumsUpTo } from "./earnings.ts";

/** Joins the loads of one tick into one query. One per request: it also remembers. */
export function createLoader<Key, Value>(
  load: (keys: Key[]) => Promise<Map<Key, Value>>,
): (key: Key) => Promise<Value | undefined> {
  const known = new Map<Key, Promise<Value | undefined>>();
  let waiting: { keys: Key[]; result: Promise<Map<Key, Value>> } | undefined;
  return (key) => {
    const loaded = known.get(key);
    if (loaded) return loaded;
    if (!waiting) {
      const keys: Key[] = [];
      const result = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
        waiting = undefined;
        return load(keys);
      });
      waiting = { keys, result };
    }
    waiting.keys.push(key);
    const value = waiting.result.then((values) => values.get(key));
    known.set(key, value);
    return value;
  };
}

export type Loaders = ReturnType<typeof createLoaders>;

export function createLoaders(db: Database) {
  return {
    account: createLoader(async (keys: string[]) => {
      const rows = await db.select().from(accounts).where(inArray(accounts.address, keys));
      return new Map(rows.map((row) => [row.address, row]));
    }),
    node: createLoader(async (keys: number[]) => {
      const rows = await db.select().from(nodes).where(inArray(nodes.id, keys));
      return new Map(rows.map((row) => [row.id, row]));
    }),
    epoch: createLoader(async (keys: number[]) => {
      const rows = await db.select().from(epochs).where(inArray(epochs.number, keys));
      return new Map(rows.map((row) => [row.number, row]));
    }),
    grant: createLoader(async (keys: number[]) => {
      const rows = await db.select().from(epochGrants).where(inArray(epochGrants.epoch, keys));
      return new Map(rows.map((row) => [row.epoch, row]));
    }),
    settlement: createLoader(async (keys: number[]) => {
      const rows = await db.select().from(settlements).where(inArray(settlements.epoch, keys));
      return new Map(rows.map((row) => [row.epoch, row]));
    }),
    settlementEvents: createLoader(async (keys: number[]) => {
      const rows = await db
        .select()
        .from(settlementEvents)
        .where(inArray(settlementEvents.epoch, keys))
        .orderBy(settlementEvents.block, settlementEvents.logIndex);
      return group(rows, (row) => row.epoch);
    }),
    prices: createLoader(async (keys: number[]) => {
      const rows = await db
        .select()
        .from(prices)
        .where(inArray(prices.service, keys))
        .orderBy(prices.commodity);
      return group(rows, (row) => row.service);
    }),
    /** by "epoch/account": the account in the newest verified epoch before it */
    verifiedBefore: createLoader(async (keys: string[]) => {
      const pairs = keys.map((key) => {
        const [epoch, account] = key.split("/");
        return sql`(${Number(epoch)}::integer, ${account}::text)`;
      });
      const { rows } = await db.execute<{ key: string; epoch: number; stable: string; flk: string }>(sql`
        SELECT w.epoch || '/' || w.account AS key, p."epoch", p."payoutStable" AS stable, p."payoutFlk" AS flk
        FROM (VALUES ${sql.join(pairs, sql`, `)}) AS w (epoch, account)
        CROSS JOIN LATERAL (
          SELECT a."epoch", a."payoutStable", a."payoutFlk" FROM ${accountEpochs} a JOIN ${epochs} e ON e."number" = a."epoch"
          WHERE a."account" = w.account AND a."epoch" < w.epoch AND e."verified"
          ORDER BY a."epoch" DESC LIMIT 1
        ) p`);
      return new Map(
        rows.map(({ key, epoch, stable, flk }) => [key, { epoch, stable: BigInt(stable), flk: BigInt(flk) }]),
      );
    }),
    /** by "account/after/last": micro-USD in the epochs after one, up to another */
    withdrawn: createLoader(async (keys: string[]) => {
      const spans = keys.map((key) => {
        const [account = "", after, last] = key.split("/");
        return { key, account, after: Number(after), last: Number(last) };
      });
      const of = [...new Set(spans.map(({ account }) => account))];
      const after = spans.reduce((least, span) => Math.min(least, span.after), Number.MAX_SAFE_INTEGER);
      const last = spans.reduce((most, span) => Math.max(most, span.last), -1);
      const rows = group(await readWithdrawn(db, of, { after, last }), ({ account }) => account);
      return new Map(
        spans.map((span) => {
          const upTo = sumsUpTo(rows.get(span.account) ?? NONE);
          return [span.key, upTo(span.last) - upTo(span.after)];
        }),
      );
    }),
    /** by "epoch/node" */
    work: createLoader(async (keys: string[]) => {
      const pairs = keys.map((key) => {
        const [epoch, node] = key.split("/").map(Number);
        return sql`(${epoch}::integer, ${node}::integer)`;
      });
      const rows = await db
        .select()
        .from(nodeWork)
        .where(sql`(${nodeWork.epoch}, ${nodeWork.node}) IN (${sql.join(pairs, sql`, `)})`)
        .orderBy(nodeWork.service, nodeWork.commodity);
      return group(rows, (row) => `${row.epoch}/${row.node}`);
    }),
  };
}

const NONE: never[] = [];

function group<Key, Row>(rows: Row[], keyOf: (row: Row) => Key): Map<Key, Row[]> {
  const groups = new Map<Key, Row[]>();
  for (const row of rows) {
    const list = groups.get(keyOf(row));
    if (list) list.push(row);
    else groups.set(keyOf(row), [row]);
  }
  return groups;
}
