/** How many halvings of its weight a failure costs a node, by code; others are not, or need not be, its fault. */
const FAULTS: Readonly<Record<string, number>> = {
  ERR_CONTENT_HASH: 4,
  ERR_NODE_IDENTITY: 4,
  ERR_NODE_RESPONSE: 2,
  ERR_CONTENT_CORRUPT: 1,
  ERR_CONTENT_TRUNCATED: 1,
  ERR_NODE_UNREACHABLE: 1,
};
const SILENCE = 1;
/** A node is not halved more often: it comes back in time, and is what there is when there is nobody else. */
const MAX_FAULTS = 10;
/** ms after which half of a fault is forgotten */
const HALF_LIFE_MS = 3_600_000;
/** faults below which a node is forgotten */
const FORGOTTEN = 1 / 8;
const MAX_NODES = 1_024;

/** Plain JSON. */
export interface RememberedNode {
  nodeId: number;
  faults: number;
  /** Unix ms of `faults` */
  at: number;
}

/**
 * What this client saw of nodes: one that failed it, or gave it wrong bytes, is drawn less often by it for some hours, whatever others
 * say (REP-ROUTE). At most 1,024 nodes, of more those with the least faults are forgotten.
 */
export class NodeMemory {
  readonly #nodes = new Map<number, RememberedNode>();
  readonly #now: () => number;

  /** `now`: Unix ms */
  constructor(remembered: readonly RememberedNode[] = [], now: () => number = Date.now) {
    this.#now = now;
    for (const { nodeId, faults, at } of remembered) this.#set(nodeId, faults, at);
  }

  /** It did what was asked: half of what it is blamed for is forgiven. */
  served(nodeId: number): void {
    this.#set(nodeId, this.#faults(nodeId) / 2, this.#now());
  }

  /** `code`: of the failure; one that the node is not to blame for changes nothing */
  failed(nodeId: number, code: string): void {
    this.#blame(nodeId, FAULTS[code] ?? 0);
  }

  /** It took too long. */
  silent(nodeId: number): void {
    this.#blame(nodeId, SILENCE);
  }

  /** in (0, 1]: what its weight is multiplied by */
  factor(nodeId: number): number {
    return 2 ** -this.#faults(nodeId);
  }

  /** To be kept, and given to the constructor again. */
  toJSON(): RememberedNode[] {
    return [...this.#nodes.values()].map((node) => ({ ...node }));
  }

  #blame(nodeId: number, fault: number): void {
    if (fault > 0) this.#set(nodeId, this.#faults(nodeId) + fault, this.#now());
  }

  #faults(nodeId: number): number {
    const node = this.#nodes.get(nodeId);
    if (!node) return 0;
    return node.faults * 2 ** (-Math.max(0, this.#now() - node.at) / HALF_LIFE_MS);
  }

  #set(nodeId: number, faults: number, at: number): void {
    this.#nodes.delete(nodeId);
    if (!(faults >= FORGOTTEN) || !Number.isFinite(at)) return;
    this.#nodes.set(nodeId, { nodeId, faults: Math.min(MAX_FAULTS, faults), at });
    if (this.#nodes.size <= MAX_NODES) return;
    const least = [...this.#nodes.keys()].reduce((a, b) => (this.#faults(b) < this.#faults(a) ? b : a));
    this.#nodes.delete(least);
  }
}
