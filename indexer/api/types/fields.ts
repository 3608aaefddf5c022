import type { Builder } from "../builder.ts";
import { finalityOf } from "../finality.ts";
import type { ChildOf } from "../list.ts";
import type { Refs } from "../refs.ts";

type Types = Builder extends PothosSchemaTypes.SchemaBuilder<infer T> ? T : never;
export type Fields<Row> = PothosSchemaTypes.ObjectFieldBuilder<Types, Row>;

/** Of a record that an L2 log left. */
export function ofLog<Row extends { block: number; txHash: string; time: number }>(
  t: Fields<Row>,
  refs: Refs,
) {
  return {
    block: t.field({ type: "Counter", description: "L2 block.", resolve: (row) => row.block }),
    txHash: t.field({ type: "Hex", description: "L2 transaction.", resolve: (row) => row.txHash }),
    time: t.field({ type: "Counter", description: "Unix ms of the L2 block.", resolve: (row) => row.time }),
    finality: t.field({
      type: refs.finality,
      description: "FINAL: only final L2 blocks are indexed.",
      resolve: () => "FINAL" as const,
    }),
  };
}

/** Of a record of the protocol chain. */
export function ofEpoch<Row extends { epoch: number }>(t: Fields<Row>, refs: Refs) {
  return {
    epoch: t.field({ type: "Int", resolve: (row) => row.epoch }),
    finality: t.field({
      type: refs.finality,
      description: "Of its epoch.",
      resolve: async (row, _, context) => finalityOf(await context.loaders.epoch(row.epoch), context),
    }),
  };
}

/** Of a record that a transaction of the protocol chain left. */
export function ofBlock<Row extends { epoch: number; height: number; time: number }>(
  t: Fields<Row>,
  refs: Refs,
) {
  return {
    ...ofEpoch(t, refs),
    height: t.field({
      type: "Counter",
      description: "Block of the protocol chain.",
      resolve: (row) => row.height,
    }),
    time: t.field({ type: "Counter", description: "Unix ms of the block.", resolve: (row) => row.time }),
  };
}

/** The node that a record is of. */
export function ofNode<Row extends { node: number }>(t: Fields<Row>, refs: Refs) {
  return {
    nodeId: t.field({ type: "Int", resolve: (row) => row.node }),
    node: t.field({
      type: refs.node,
      nullable: true,
      description: "As it is now.",
      resolve: (row, _, { loaders }) => loaders.node(row.node),
    }),
  };
}

/** The list of the rows whose `parent` is what the row has as `key`. */
export function childList<Key extends string, Row extends Record<Key, string | number>>(
  t: Fields<Row>,
  list: Refs["lists"][keyof Refs["lists"]],
  key: Key,
  { description, ...child }: ChildOf & { description?: string },
) {
  // of one type for all: each list reads what its own type serves
  const { type, args, child: read } = list as Refs["lists"]["lots"];
  return t.field({
    type,
    args,
    ...(description === undefined ? {} : { description }),
    resolve: (row, given, context) => read(context, given, row[key], child),
  });
}
