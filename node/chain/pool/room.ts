import type { Transaction } from "#protocol/digests/transactions.ts";
import { NONCE_WINDOW } from "#protocol/params/limits.ts";
import { bytesKey } from "#protocol/types/bytes-key.ts";
import { chainError } from "../errors.ts";

export const MAX_POOL_TRANSACTIONS = 20_000;
/** bytes */
export const MAX_POOL_BYTES: number = 64 * 1024 * 1024;
/** What one forwarding node may take of the pool, whoever signed it. */
const PEER_SHARE = 4;
/** What only our own node's transactions may take: what it has earned must get through a flood. */
const OWN_SHARE = 8;
/** Transactions of one account that wait: no more nonces can follow anyway. */
export const MAX_PER_ACCOUNT: number = NONCE_WINDOW;
/** Transactions of one other node that wait: as many as one forwarded message holds. */
export const MAX_PER_NODE = 1_024;

interface Used {
  count: number;
  bytes: number;
}

/** How much of the pool is taken, in all, by sender and by forwarding node. */
export class PoolRoom {
  #self: number;
  #all: Used = { count: 0, bytes: 0 };
  #by = new Map<string, Used>();

  /** `self`: nodeId */
  constructor(self: number) {
    this.#self = self;
  }

  /** `source`: the node that forwarded it; undefined for our own clients. @throws ERR_POOL_FULL */
  assert(transaction: Transaction, bytes: number, source: number | undefined): void {
    const { count, bytes: taken } = this.#all;
    const own = this.#isOwn(transaction);
    const part = own ? 1 : 1 - 1 / OWN_SHARE;
    const full = count >= MAX_POOL_TRANSACTIONS * part || taken + bytes > MAX_POOL_BYTES * part;
    if (full) throw chainError("ERR_POOL_FULL", "no room for more transactions now", { count });
    const sender = this.#by.get(senderOf(transaction))?.count ?? 0;
    if (!own && sender >= ("account" in transaction.body ? MAX_PER_ACCOUNT : MAX_PER_NODE)) {
      throw chainError("ERR_POOL_FULL", "too many transactions of this sender wait", { count: sender });
    }
    const forwarded = source === undefined ? undefined : this.#by.get(sourceOf(source));
    if (!forwarded) return;
    if (
      forwarded.count >= MAX_POOL_TRANSACTIONS / PEER_SHARE ||
      forwarded.bytes + bytes > MAX_POOL_BYTES / PEER_SHARE
    ) {
      throw chainError("ERR_POOL_FULL", "too much that this node forwarded waits", { ...forwarded });
    }
  }

  take(transaction: Transaction, bytes: number, source: number | undefined): void {
    this.#account(transaction, 1, bytes, source);
  }

  free(transaction: Transaction, bytes: number, source: number | undefined): void {
    this.#account(transaction, -1, -bytes, source);
  }

  #isOwn({ body }: Transaction): boolean {
    return "node" in body && body.node === this.#self;
  }

  #account(transaction: Transaction, count: 1 | -1, bytes: number, source: number | undefined): void {
    this.#all.count += count;
    this.#all.bytes += bytes;
    const keys = [senderOf(transaction), ...(source === undefined ? [] : [sourceOf(source)])];
    for (const key of keys) {
      const used = this.#by.get(key) ?? { count: 0, bytes: 0 };
      used.count += count;
      used.bytes += bytes;
      if (used.count > 0) this.#by.set(key, used);
      else this.#by.delete(key);
    }
  }
}

function senderOf({ body }: Transaction): string {
  return "account" in body ? `account/${bytesKey(body.account)}` : `node/${body.node}`;
}

function sourceOf(node: number): string {
  return `source/${node}`;
}
