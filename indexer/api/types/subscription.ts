import { desc, eq, gt } from "drizzle-orm";
import { Repeater } from "graphql-yoga";
import { accounts, blocks, epochs, nodes, settlements } from "../../store/schema.ts";
import type { Builder } from "../builder.ts";
import type { ApiContext } from "../context.ts";
import { queryError } from "../errors.ts";
import { exactText } from "../exact-text.ts";
import type { Refs } from "../refs.ts";

/** Blocks per look; who is further behind gets the rest with the next. */
const BLOCKS = 100;
/** Epochs and settlements that may still change. */
const RECENT = 20;

/** Each tells the newest state at once, so that nothing is missed after a query, and then only what changed. */
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
        "The current epoch, and each that opens, closes, is verified, or becomes SETTLED or FINAL.",
      subscribe: (_, __, context) =>
        changedRows(
          context,
          () => context.db.select().from(epochs).orderBy(desc(epochs.number)).limit(RECENT),
          async (row) => [row, (await context.progress()).posted[row.number]],
        ),
      resolve: (row) => row,
    }),
    settlement: t.field({
      type: refs.settlement,
      description:
        "The newest settlement, and each that is posted, held, released, voided or becomes active, in final L2 blocks.",
      subscribe: (_, __, context) =>
        changedRows(context, () =>
          context.db.select().from(settlements).orderBy(desc(settlements.epoch)).limit(RECENT),
        ),
      resolve: (row) => row,
    }),
    node: t.field({
      type: refs.node,
      args: { id: t.arg.int({ required: true }) },
      subscribe: (_, { id }, context) =>
        changedRows(context, () => context.db.select().from(nodes).where(eq(nodes.id, id))),
      resolve: (row) => row,
    }),
    account: t.field({
      type: refs.account,
      args: { address: t.arg({ type: "Address", required: true }) },
      subscribe: (_, { address }, context) =>
        changedRows(context, () => context.db.select().from(accounts).where(eq(accounts.address, address))),
      resolve: (row) => row,
    }),
  }));
}

/** Runs `look` once, and again after every change of the database, until the client goes. */
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
        await look(push, gone.signal);
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

/** The first row, then rows that are new or not as they were, the last first; `shown`: all that a client may see of a row, the row itself unless told. */
function changedRows<Row extends object>(
  context: ApiContext,
  read: () => Promise<Row[]>,
  shown: (row: Row) => Promise<unknown> = async (row) => row,
): AsyncIterable<Row> {
  let known: Set<string> | undefined;
  return repeat(context, async (push) => {
    const rows = await read();
    const texts = await Promise.all(rows.map(async (row) => exactText(await shown(row))));
    const changed =
      known === undefined ? rows.slice(0, 1) : rows.filter((_, i) => !known?.has(texts[i] as string));
    for (const row of changed.reverse()) await push(row);
    known = new Set(texts);
  });
}
