import { setTimeout as delay } from "node:timers/promises";
import { getTableConfig } from "drizzle-orm/pg-core";
import type { Client, Pool } from "pg";
import { createStatements } from "./ddl.ts";
import { accounts, claims, contractEvents, deposits, stakeLocks, stakes, tokenTransfers } from "./schema.ts";

/**
 * Tables that logs fill, and in which nothing that is indexed is looked up but by the key. A block that waits for an index holds up every other
 * write, the heartbeat too: of these, blocks write only accounts, which are few beside the events that change each of them.
 */
const FILLED = [accounts, claims, contractEvents, deposits, stakeLocks, stakes, tokenTransfers];
/** `/ready` asks for events that are not known. */
const AT_ONCE = ["contract_events_name"];

/**
 * Indexes that only readers need, made once all that is final on the L2 is in: to sort them then costs a fraction of what it costs to keep
 * them in order with each row, at places all over them.
 */
export const LATER: ReadonlySet<string> = new Set(
  FILLED.flatMap((table) => getTableConfig(table).indexes.map(({ config }) => config.name as string)).filter(
    (name) => !AT_ONCE.includes(name),
  ),
);

const CANCEL_MS = 100;

/**
 * Makes those that are not there yet, each in a transaction of its own, so that who is ended goes on with the rest. Other writers of a table
 * wait for its index, readers do not. `client`: not connected yet; `ending`: where the server is told to end what `signal` aborts.
 */
export async function makeLater(args: {
  client: Client;
  ending: Pool;
  schema: string;
  signal: AbortSignal;
}): Promise<void> {
  const { client, ending, schema, signal } = args;
  // a connection that breaks fails the statement that uses it
  client.on("error", () => undefined);
  const ended = new AbortController();
  const cancel = () => void cancelUntil(ended.signal, client, ending);
  signal.addEventListener("abort", cancel);
  try {
    await client.connect();
    signal.throwIfAborted();
    await client.query("SET statement_timeout = 0; SET lock_timeout = 0");
    // two writers, one of whom does not know yet that it is one no longer, make them once
    await client.query("SELECT pg_advisory_lock(hashtext($1), 1)", [schema]);
    await makeMissing((text, values) => client.query(text, values), schema, signal);
  } finally {
    signal.removeEventListener("abort", cancel);
    ended.abort();
    await client.end();
  }
}

/** Those that are not there yet, one after the other. Rejects when `signal` aborts between two. */
export async function makeMissing(
  query: (text: string, values?: unknown[]) => Promise<{ rows: { name: string }[] }>,
  schema: string,
  signal: AbortSignal,
): Promise<void> {
  const { rows } = await query("SELECT indexname AS name FROM pg_indexes WHERE schemaname = $1", [schema]);
  const there = new Set(rows.map(({ name }) => name));
  for (const { text, index } of createStatements()) {
    if (index === undefined || there.has(index)) continue;
    signal.throwIfAborted();
    await query(text);
  }
}

/** Again and again: one that the server gets before the statement, or between two, ends nothing. */
async function cancelUntil(ended: AbortSignal, client: Client, ending: Pool): Promise<void> {
  const { processID } = client as Client & { processID: number };
  while (!ended.aborted) {
    // in vain: the next one may do
    await ending.query("SELECT pg_cancel_backend($1)", [processID]).catch(() => undefined);
    await delay(CANCEL_MS, undefined, { signal: ended }).catch(() => undefined);
  }
}
