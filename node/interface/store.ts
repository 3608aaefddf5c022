/** Namespaces of the node's database. Append only; retired names are never reused. */
export const NAMESPACES = [
  /** what was signed: (kind, epoch, slot) → message and bytes that left; lives in `protection/` */
  "protection",
  /** consensus: certificates, headers, votes, batches, cursor */
  "consensus",
  "batch",
  /** state records of the transition */
  "state",
  /** blocks, receipts, commit certificates */
  "block",
  /** settlement shares and certificates, epoch reports */
  "settlement",
  /** L2 events and the reader's cursor */
  "l2",
  /** newest ack per lane, sessions, submissions */
  "delivery",
  /** content index */
  "content",
  "meta",
  /** transactions accepted and not yet committed */
  "pool",
] as const;
export type Namespace = (typeof NAMESPACES)[number];

export type Write =
  | { namespace: Namespace; key: Uint8Array; value: Uint8Array }
  | { namespace: Namespace; key: Uint8Array; value: null };

/**
 * An ordered key-value store. Keys within a namespace sort as bytes.
 * A failure of the disk rejects with ERR_STORE; the caller stops the node rather than guess.
 */
export interface Store {
  get(namespace: Namespace, key: Uint8Array): Promise<Uint8Array | undefined>;
  /** All writes or none; resolved means synced to disk. */
  write(batch: readonly Write[]): Promise<void>;
  /** Ascending (or descending with `reverse`) in [gte, lt). */
  iterate(
    namespace: Namespace,
    range?: { gte?: Uint8Array; lt?: Uint8Array; reverse?: boolean; limit?: number },
  ): AsyncIterable<[key: Uint8Array, value: Uint8Array]>;
}
