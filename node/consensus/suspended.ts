import type { Vertex } from "./dag.ts";
import { consensusError } from "./errors.ts";

/** NAR-SUSPEND: verified certificates that wait for parents. Bounded: what does not fit is fetched again in order. */
export class Suspended {
  #limit: number;
  #waiting = new Map<string, { vertex: Vertex; missing: Set<string> }>();
  #children = new Map<string, Set<string>>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#waiting.size;
  }

  has(id: string): boolean {
    return this.#waiting.has(id);
  }

  vertices(): Vertex[] {
    return [...this.#waiting.values()].map(({ vertex }) => vertex);
  }

  /** 0 when nothing waits */
  highestRound(): number {
    let highest = 0;
    for (const { vertex } of this.#waiting.values()) highest = Math.max(highest, vertex.round);
    return highest;
  }

  /** @throws ERR_SUSPENDED_FULL */
  add(vertex: Vertex, missing: readonly string[]): void {
    if (this.#waiting.has(vertex.id)) return;
    if (this.#waiting.size >= this.#limit) {
      throw consensusError("ERR_SUSPENDED_FULL", "too many certificates wait for parents", {
        limit: this.#limit,
      });
    }
    this.#waiting.set(vertex.id, { vertex, missing: new Set(missing) });
    for (const parent of missing) {
      const children = this.#children.get(parent) ?? new Set<string>();
      children.add(vertex.id);
      this.#children.set(parent, children);
    }
  }

  /** Those that waited for `id` alone. */
  release(id: string): Vertex[] {
    const free: Vertex[] = [];
    for (const child of this.#children.get(id) ?? []) {
      const entry = this.#waiting.get(child);
      entry?.missing.delete(id);
      if (!entry || entry.missing.size > 0) continue;
      this.#waiting.delete(child);
      free.push(entry.vertex);
    }
    this.#children.delete(id);
    return free.sort((a, b) => a.author - b.author);
  }

  /** Forgets those up to `gcRound` and frees those whose missing parents are collected. */
  collect(gcRound: number): Vertex[] {
    const free: Vertex[] = [];
    for (const [id, { vertex }] of [...this.#waiting].sort((a, b) => a[1].vertex.round - b[1].vertex.round)) {
      if (vertex.round > gcRound + 1) break;
      this.#remove(id);
      if (vertex.round > gcRound) free.push(vertex);
    }
    return free;
  }

  #remove(id: string): void {
    const entry = this.#waiting.get(id);
    this.#waiting.delete(id);
    for (const parent of entry?.missing ?? []) {
      const children = this.#children.get(parent);
      children?.delete(id);
      if (children?.size === 0) this.#children.delete(parent);
    }
  }
}
