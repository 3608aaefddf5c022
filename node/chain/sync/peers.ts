import type { Head } from "./wire.ts";

/** Mistakes after which a peer is asked only when no other can answer; one is forgiven per good answer. */
const MAX_BLAME = 8;

/** What peers say they have, and which of them to ask. Nothing here is trusted: answers are verified. */
export class SyncPeers {
  #heads = new Map<number, Head>();
  #blame = new Map<number, number>();
  #turn = 0;

  note(node: number, head: Head): void {
    this.#heads.set(node, head);
  }

  blame(node: number): void {
    this.#blame.set(node, Math.min((this.#blame.get(node) ?? 0) + 2, MAX_BLAME));
  }

  praise(node: number): void {
    const blame = this.#blame.get(node);
    if (blame !== undefined && blame <= 1) this.#blame.delete(node);
    else if (blame !== undefined) this.#blame.set(node, blame - 1);
  }

  /** Connected peers that say they have it, least blamed first, in turn. */
  having(connected: readonly number[], has: (head: Head) => boolean): number[] {
    const able = connected.filter((node) => {
      const head = this.#heads.get(node);
      return head !== undefined && has(head);
    });
    return this.#ordered(able);
  }

  /** Any connected peers, least blamed first, in turn. */
  any(connected: readonly number[], count: number): number[] {
    return this.#ordered([...connected]).slice(0, count);
  }

  #ordered(nodes: number[]): number[] {
    this.#turn++;
    const shift = nodes.length > 0 ? this.#turn % nodes.length : 0;
    const turned = [...nodes.slice(shift), ...nodes.slice(0, shift)];
    return turned.sort((a, b) => (this.#blame.get(a) ?? 0) - (this.#blame.get(b) ?? 0));
  }
}
