import { readCursor } from "../../store/cursor.ts";
import type { Builder } from "../builder.ts";
import { notReady } from "../readiness.ts";

interface Meta {
  l2Block: number;
  l2Finalized: number;
  height: number;
  epoch: number;
  ready: boolean;
  reasons: string[];
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
      ready: t.exposeBoolean("ready"),
      reasons: t.exposeStringList("reasons", { description: "Why it is not ready." }),
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
        const reasons = await notReady(context);
        const ready = reasons.length === 0;
        const lag = Math.max(0, nodeHeight - height);
        return {
          l2Block,
          l2Finalized,
          height,
          epoch,
          ready,
          reasons,
          lag,
          l2Lag: Math.max(0, l2Finalized - l2Block),
        };
      },
    }),
  }));
}
