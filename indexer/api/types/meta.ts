import { readCursor } from "../../store/cursor.ts";
import type { Builder } from "../builder.ts";
import { type Lag, lagOf, notReady } from "../readiness.ts";

interface Meta extends Lag {
  l2Block: number;
  l2Finalized: number;
  height: number;
  epoch: number;
  /** asked once, by who wants to know */
  reasons: () => Promise<string[]>;
}

export function addMeta(builder: Builder): void {
  const meta = builder.objectRef<Meta>("Meta").implement({
    description: "How far the index is.",
    fields: (t) => ({
      l2Block: t.expose("l2Block", {
        type: "Counter",
        description: "L2 block up to which everything is in; -1 before.",
      }),
      l2Finalized: t.expose("l2Finalized", {
        type: "Counter",
        description: "The L2's newest final block; -1 until the L2 has answered.",
      }),
      height: t.expose("height", {
        type: "Counter",
        description: "Newest verified block of the protocol chain; -1 before.",
      }),
      epoch: t.exposeInt("epoch", { description: "Number of the epoch of the next block." }),
      ready: t.boolean({
        description: "Whether it follows both chains closely enough to be asked: what /ready says.",
        resolve: async ({ reasons }) => (await reasons()).length === 0,
      }),
      reasons: t.stringList({
        description: "Why it is not ready; none when it is.",
        resolve: ({ reasons }) => reasons(),
      }),
      lag: t.expose("lag", {
        type: "Counter",
        nullable: true,
        description:
          "Blocks that the node had, as last heard, and the index has not; null until the node has answered.",
      }),
      l2Lag: t.expose("l2Lag", {
        type: "Counter",
        nullable: true,
        description: "L2 blocks that are final, as last heard, and not in; null until the L2 has answered.",
      }),
    }),
  });
  builder.queryFields((t) => ({
    _meta: t.field({
      type: meta,
      description: "How far the index is, now.",
      resolve: async (_, __, context) => {
        const { l2Block, height, epoch } = await readCursor(context.db);
        const progress = await context.progress();
        let known: Promise<string[]> | undefined;
        const reasons = () => {
          known ??= notReady(context);
          return known;
        };
        const { l2Finalized } = progress;
        return { l2Block, l2Finalized, height, epoch, reasons, ...lagOf({ height, l2Block }, progress) };
      },
    }),
  }));
}
