import { desc, eq, gt } from "drizzle-orm";
import { Repeater } from "graphql-yoga";
import { accounts, blocks, epochs, nodes, settlements } from "../../store/schema.ts";
import type { Builder } from "../builder.ts";
import type { ApiContext } from "../context.ts";
import { queryError } from "../errors.ts";
import { exactText } from "../exact-text.ts";
import { finalityOf } from "../finality.ts";
import type { Refs } from "../refs.ts";

/** Blocks per look; who is further behind gets the rest with the next. */
const BLOCKS = 100;
/** Epochs and settlements that may still change. */
const RECENT = 20;
/** Times as long as an answer took, until the next: whoever asks for much has a tenth of the time at most. */
const REST = 9;
const MOST_REST_MS = 10_000;

/** Each tells the newest state at once, so that nothing is missed after a query, and then only what changed of what was asked for. */
export function addSubscriptions(builder: Builder, refs: Refs): void {
  builder.subscriptionType({});
  builder.subscriptionFields((t) => ({
    block: t.field({
      type: refs.block,
      description: "The newest verified block, and each after it, in order.",
      subscribe: (_, __, context) => newBlocks(context),
      resolve: (row) => row,
    }),
    epoch: t.field({
      type: refs.epoch,
      description:
        "The current epoch, and each of which something asked for changed: as it opens, grows, closes, is verified, settled and granted for. Looks at the newest 20; what changes in lists of an epoch alone is not told.",
      subscribe: (_, __, context) => changedEpochs(context),
      resolve: (row) => row,
    }),
    settlement: t.field({
      type: refs.settlement,
      description:
        "The newest settlement, and each of which something asked for changed: as it is posted, held, released, voided or becomes active, in final L2 blocks. Looks at the newest 20; what changes in lists alone is not told.",
      subscribe: (_, __, context) => changedSettlements(context),
      resolve: (row) => row,
    }),
    node: t.field({
      type: refs.node,
      description: "The node, and again when something asked for changed, also in its lists.",
      args: { id: t.arg.int({ required: true }) },
      subscribe: (_, { id }, context) =>
        oneRow(context, () => context.db.select().from(nodes).where(eq(nodes.id, id))),
      resolve: (row) => row,
    }),
    account: t.field({
      type: refs.account,
      description: "The account, and again when something asked for changed, also in its lists.",
      args: { address: t.arg({ type: "Address", required: true }) },
      subscribe: (_, { address }, context) =>
        oneRow(context, () => context.db.select().from(accounts).where(eq(accounts.address, address))),
      resolve: (row) => row,
    }),
  }));
}

/** Runs `look` once, and again after every change of the database, until the client goes. Rests longer than answers take. */
function repeat<Row>(
  context: ApiContext,
  look: (push: (row: Row) => Promise<unknown>, gone: AbortSignal) => Promise<void>,
): AsyncIterable<Row> {
  return new Repeater<Row>(async (push, stop) => {
    const leave = context.subscribe();
    if (!leave) {
      const message = "too many subscriptions at once, of this address or of all";
      throw queryError("ERR_QUERY_TOO_COSTLY", message);
    }
    const gone = new AbortController();
    void stop.then(() => gone.abort());
    try {
      for (let seen: number | undefined; ; ) {
        seen = await context.changes.after(seen, gone.signal);
        if (seen === undefined) return;
        context.refresh();
        const begun = performance.now();
        await look(push, gone.signal);
        await rest(REST * (performance.now() - begun), gone.signal);
      }
    } finally {
      leave();
      stop();
    }
  });
}

function newBlocks(context: ApiContext): AsyncIterable<typeof blocks.$inferSelect> {
  let height: number | undefined;
  return repeat(context, async (push, gone) => {
    if (height === undefined) {
      const [newest] = await context.db.select().from(blocks).orderBy(desc(blocks.height)).limit(1);
      if (newest) await push(newest);
      height = newest?.height ?? -1;
    }
    while (!gone.aborted) {
      const rows = await context.db
        .select()
        .from(blocks)
        .where(gt(blocks.height, height))
        .orderBy(blocks.height)
        .limit(BLOCKS);
      for (const row of rows) {
        await push(row);
        height = row.height;
      }
      if (rows.length < BLOCKS) return;
    }
  });
}

function changedEpochs(context: ApiContext): AsyncIterable<typeof epochs.$inferSelect> {
  return changedRows(context, {
    read: () => context.db.select().from(epochs).orderBy(desc(epochs.number)).limit(RECENT),
    keyOf: ({ number }) => number,
    shown: ({ loaders }, row) =>
      Promise.all([row, finalityOf(row, context), loaders.settlement(row.number), loaders.grant(row.number)]),
  });
}

function changedSettlements(context: ApiContext): AsyncIterable<typeof settlements.$inferSelect> {
  return changedRows(context, {
    read: () => context.db.select().from(settlements).orderBy(desc(settlements.epoch)).limit(RECENT),
    keyOf: ({ epoch }) => epoch,
    shown: async ({ loaders }, row) => {
      const epoch = await loaders.epoch(row.epoch);
      return [
        row,
        epoch?.digest,
        await finalityOf(epoch, context),
        await loaders.settlementEvents(row.epoch),
      ];
    },
  });
}

interface Watched<Row> {
  /** newest first */
  read(): Promise<Row[]>;
  keyOf(row: Row): number;
  /** what changes when any field of a row does */
  shown(context: ApiContext, row: Row): Promise<unknown>;
}

/** The first row, then rows that are new or not as they were, the last first. */
function changedRows<Row extends object>(
  context: ApiContext,
  { read, keyOf, shown }: Watched<Row>,
): AsyncIterable<Row> {
  let known: Set<string> | undefined;
  return repeat(context, async (push) => {
    const rows = await read();
    const texts = await Promise.all(rows.map(async (row) => exactText(await shown(context, row))));
    const changed =
      known === undefined ? rows.slice(0, 1) : rows.filter((_, i) => !known?.has(texts[i] as string));
    for (const row of changed.reverse()) {
      context.told.about(keyOf(row));
      await push(row);
    }
    known = new Set(texts);
  });
}

/** The row after each change of the database: only what is asked for tells whether it changed. */
function oneRow<Row extends object>(context: ApiContext, read: () => Promise<Row[]>): AsyncIterable<Row> {
  return repeat(context, async (push) => {
    const [row] = await read();
    if (!row) return;
    context.told.about(0);
    await push(row);
  });
}

/** Ends early once `gone` aborts. */
function rest(ms: number, gone: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      gone.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, Math.min(ms, MOST_REST_MS));
    gone.addEventListener("abort", end);
    if (gone.aborted) end();
  });
}
