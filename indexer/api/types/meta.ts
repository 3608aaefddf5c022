import { readCursor } from "../../store/cursor.ts";
import type { Builder } from "../builder.ts";
import { notReady } from "../readiness.ts";

interface Meta {
  l2Block: number;
  l2Finalized: number;
  height: number;
  epoch: number;
  /** asked once, by who wants to know */
  reasons: () => Promise<string[]>;
  lag: number;
  l2Lag: number;
}

export function addMeta(builder: Builder): void {
  const meta = builder.objectRef<Meta>("Meta").implement({
    description: "How far the index is.",
    fields: (t) => ({
      l2Block: t.expose("l2Block", {
        type: "Counter",
        description: "L2 block up to which everything is in; -1 before.",
      }),
      l2Finalized: t.expose("l2Finalized", { type: "Counter", description: "The L2's newest final block." }),
      height: t.expose("height", {
        type: "Counter",
        description: "Newest verified block of the protocol chain; -1 before.",
      }),
      epoch: t.exposeInt("epoch", { description: "The current epoch." }),
      ready: t.boolean({ resolve: async ({ reasons }) => (await reasons()).length === 0 }),
      reasons: t.stringList({ description: "Why it is not ready.", resolve: ({ reasons }) => reasons() }),
      lag: t.expose("lag", {
        type: "Counter",
        description: "Blocks that the node has and the index has not.",
      }),
      l2Lag: t.expose("l2Lag", { type: "Counter" }),
    }),
  });
  builder.queryFields((t) => ({
    _meta: t.field({
      type: meta,
      resolve: async (_, __, context) => {
        const { l2Block, height, epoch } = await readCursor(context.db);
        const { l2Finalized, nodeHeight } = await context.progress();
        let known: Promise<string[]> | undefined;
        const reasons = () => {
          known ??= notReady(context);
          return known;
        };
        const lag = Math.max(0, nodeHeight - height);
        return {
          l2Block,
          l2Finalized,
          height,
          epoch,
          reasons,
          lag,
          l2Lag: Math.max(0, l2Finalized - l2Block),
        };
      },
    }),
  }));
}
