import type { Write } from "#node/interface/store.ts";
import type { BatchRef } from "#protocol/types/consensus.ts";
import type { SubDag } from "./bullshark.ts";
import type { Vertex } from "./dag.ts";
import type { WireMessage } from "./wire.ts";

/**
 * NAR-DURABLE: what the primary wants done, in order: a `persist` is on disk before anything after it leaves. Everything else may
 * fail or be lost; the primary retries by itself.
 */
export type Effect =
  | { type: "persist"; writes: Write[] }
  | { type: "send"; to: readonly number[]; message: WireMessage }
  /** the next sub-DAG in order; `reported` is the highest L2 checkpoint that own ordered headers reported */
  | { type: "commit"; subDag: SubDag; reported: number }
  /** a certificate that is new to the DAG */
  | { type: "accepted"; vertex: Vertex }
  /** certificates are missing; `from` has them when it is named */
  | { type: "needCertificates"; from: number | undefined }
  /** batches that the pending header of `from` names are not stored here; `header`: its id */
  | { type: "needBatches"; from: number; header: string; refs: BatchRef[] }
  | { type: "refused"; code: string; from: number };
