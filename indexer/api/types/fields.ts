import type { Builder } from "../builder.ts";
import { finalityOf } from "../finality.ts";
import type { ChildOf } from "../list.ts";
import type { Refs } from "../refs.ts";

type Types = Builder extends PothosSchemaTypes.SchemaBuilder<infer T> ? T : never;
export type Fields<Row> = PothosSchemaTypes.ObjectFieldBuilder<Types, Row>;

export const NODE_ID = "Number of the node in the registry on the L2, from 1.";
export const SERVICE_ID = "Number of the service in the registry on the L2, from 0.";
export const COMMODITY =
  "What is delivered and how its units count: 0 is bandwidth in bytes, 1 is compute in ms.";
export const KEY_VERSION = "Which of the consensus keys of the node it is: 0 is that of its registration.";

/** Of a record that an L2 log left. */
export function ofLog<Row extends { block: number; txHash: string; time: number }>(
  t: Fields<Row>,
  refs: Refs,
) {
  return {
    block: t.field({
      type: "Counter",
      description: "Number of the L2 block that it happened in.",
      resolve: (row) => row.block,
    }),
    txHash: t.field({
      type: "Hex",
      description: "Hash of the L2 transaction that did it.",
      resolve: (row) => row.txHash,
    }),
    time: t.field({
      type: "Counter",
      description: "When it happened: Unix ms of the L2 block.",
      resolve: (row) => row.time,
    }),
    finality: t.field({
      type: refs.finality,
      description: "FINAL: only final L2 blocks are indexed.",
      resolve: () => "FINAL" as const,
    }),
  };
}

/** Of a record of the protocol chain. `description`: of the epoch, where it is another than the one that it happened in. */
export function ofEpoch<Row extends { epoch: number }>(
  t: Fields<Row>,
  refs: Refs,
  description = "Number of the epoch that it happened in.",
) {
  return {
    epoch: t.field({ type: "Int", description, resolve: (row) => row.epoch }),
    finality: t.field({
      type: refs.finality,
      description: "How sure its epoch is, now.",
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
      description: "Height of the block of the protocol chain that it happened in.",
      resolve: (row) => row.height,
    }),
    time: t.field({
      type: "Counter",
      description: "When it happened: Unix ms of that block.",
      resolve: (row) => row.time,
    }),
  };
}

/** The node that a record is of. */
export function ofNode<Row extends { node: number }>(t: Fields<Row>, refs: Refs) {
  return {
    nodeId: t.field({ type: "Int", description: NODE_ID, resolve: (row) => row.node }),
    node: t.field({
      type: refs.node,
      nullable: true,
      description: "That node as it is now; null when the L2 knows none of that id.",
      resolve: (row, _, { loaders }) => loaders.node(row.node),
    }),
  };
}

/** What a number of one service and one commodity is of. */
export function ofCommodity<Row extends { service: number; commodity: number }>(t: Fields<Row>) {
  return {
    service: t.field({ type: "Int", description: SERVICE_ID, resolve: (row) => row.service }),
    commodity: t.field({ type: "Int", description: COMMODITY, resolve: (row) => row.commodity }),
  };
}

/** What a reputation is made of. */
export function ofStanding<Row extends Standing>(t: Fields<Row>) {
  const part = (name: keyof typeof PARTS) =>
    t.field({
      type: "Int",
      description: `${PARTS[name]}, of 10000; smoothed over epochs.`,
      resolve: (row) => row[name],
    });
  return {
    latency: part("latency"),
    uptime: part("uptime"),
    throughput: part("throughput"),
    success: part("success"),
    trust: part("trust"),
    credibility: part("credibility"),
    reporters: t.field({
      type: "Int",
      description: "Nodes whose reports of it for the epoch counted.",
      resolve: (row) => row.reporters,
    }),
    outByFloor: t.field({
      type: "Boolean",
      description: "Kept out of the draws of committees by the floor of reputation or uptime.",
      resolve: (row) => row.outByFloor,
    }),
  };
}

const PARTS = {
  latency: "How soon it answers: 100 ms / (100 ms + round trip)",
  uptime: "How many probes it answers",
  throughput: "How fast it sends: T / (T + 1 MiB/s)",
  success: "How few of the requests it fails or answers wrongly: 0 at a quarter failed or an eighth wrong",
  trust: "What the other nodes, weighted by stake and paid work, make of it",
  credibility: "How far its own reports agree with what others saw",
};
type Standing = Record<keyof typeof PARTS | "reporters", number> & { outByFloor: boolean };

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
