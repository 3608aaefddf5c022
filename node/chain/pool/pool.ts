import type { TransactionPool } from "#node/interface/chain-view.ts";
import type { EpochConsensus } from "#node/interface/consensus.ts";
import type { Logger } from "#node/interface/logger.ts";
import type { Store, Write } from "#node/interface/store.ts";
import { assertAdmissible } from "#node/transition/execute.ts";
import type { State } from "#node/transition/state.ts";
import { transactionId } from "#protocol/digests/ids.ts";
import type { Transaction } from "#protocol/digests/transactions.ts";
import { errorCode, isFlkError } from "#protocol/errors/error.ts";
import type { Block } from "#protocol/types/block.ts";
import { chainError } from "../errors.ts";
import type { TransactionReceipt } from "../import/block-store.ts";
import { bytesId, key } from "../support/keys.ts";
import { isStale } from "./admission.ts";

export interface PoolEntry {
  id: Uint8Array;
  bytes: Uint8Array;
  transaction: Transaction;
  /** order of acceptance: nonces of one sender stay in order */
  sequence: number;
  /** node that forwarded it; undefined for our own clients */
  source: number | undefined;
  /** the consensus instance that has it */
  handed: EpochConsensus | undefined;
  /** how often it was forwarded in this epoch */
  attempts: number;
  /** Unix ms: when to forward it (again) */
  dueAt: number;
  durable: Promise<void>;
}

export interface PoolOptions {
  store: Store;
  logger: Logger;
  state(): State;
  /** of a committed transaction, certified or not */
  committed(txId: Uint8Array): Promise<TransactionReceipt | undefined>;
  /** Something is there to be forwarded. */
  wake(): void;
}

export const MAX_POOL_TRANSACTIONS = 20_000;
/** bytes */
export const MAX_POOL_BYTES: number = 64 * 1024 * 1024;
/** Consensus takes nothing now: its own pool is full, or its epoch has closed. */
const BUSY = new Set(["ERR_POOL_FULL", "ERR_CONSENSUS_STOPPED"]);
/** What one forwarding node may take of the pool. */
const PEER_SHARE = 4;

/** Transactions accepted here and not yet committed: durable, handed to the committee until they commit. */
export class Pool {
  #options: PoolOptions;
  #entries = new Map<string, PoolEntry>();
  #consensus: EpochConsensus | undefined;
  #sequence = 0;
  #bytes = 0;
  /** by forwarding node */
  #used = new Map<number, { count: number; bytes: number }>();

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** What the last run had accepted. */
  async load(): Promise<void> {
    for await (const [at, bytes] of this.#options.store.iterate("pool")) {
      const sequence = Number(new DataView(at.buffer, at.byteOffset + 1, 8).getBigUint64(0));
      this.#sequence = sequence + 1;
      try {
        const transaction = assertAdmissible(this.#options.state(), bytes);
        this.#put(bytes, transaction, sequence, undefined);
      } catch (error) {
        if (!isFlkError(error)) throw error;
        await this.#options.store.write([{ namespace: "pool", key: at, value: null }]);
      }
    }
  }

  /** `source`: the node that forwarded it. @throws a receipt code, ERR_POOL_FULL */
  async submit(bytes: Uint8Array, source?: number): ReturnType<TransactionPool["submit"]> {
    const id = transactionId(bytes);
    const known = this.#entries.get(bytesId(id));
    if (known) {
      await known.durable;
      return id;
    }
    // applied or rejected: its receipt says which, and ordering the same bytes again would only fill blocks
    if (await this.#options.committed(id)) return id;
    const transaction = assertAdmissible(this.#options.state(), bytes);
    const raced = this.#entries.get(bytesId(id));
    if (raced) {
      await raced.durable;
      return id;
    }
    this.#assertRoom(bytes.length, source);
    const entry = this.#put(new Uint8Array(bytes), transaction, this.#sequence++, source);
    entry.durable = this.#options.store.write([
      { namespace: "pool", key: key("t", entry.sequence), value: entry.bytes },
    ]);
    try {
      await entry.durable;
    } catch (error) {
      this.#drop(entry);
      throw error;
    }
    if (this.#consensus) await this.#hand([entry]);
    else this.#options.wake();
    return id;
  }

  /** Deletes that belong to the batch of the block that committed them. */
  committedWrites(block: Block): Write[] {
    const held = this.#heldOf(block);
    return held.map((entry) => ({ namespace: "pool", key: key("t", entry.sequence), value: null }));
  }

  executed(block: Block): void {
    for (const entry of this.#heldOf(block)) this.#drop(entry);
  }

  /** The instance that takes our transactions from now on; undefined when we are no member. */
  async attach(consensus: EpochConsensus | undefined): Promise<void> {
    this.#consensus = consensus;
    const has = new Set(consensus ? (await consensus.pending()).map((tx) => bytesId(transactionId(tx))) : []);
    for (const entry of this.#entries.values()) {
      entry.handed = has.has(bytesId(entry.id)) ? consensus : undefined;
      entry.dueAt = 0;
      entry.attempts = 0;
    }
    await this.refresh();
  }

  /** Drops what has become invalid, and hands what no one has to our consensus. */
  async refresh(): Promise<void> {
    const loose = [...this.#entries.values()].filter((entry) => entry.handed === undefined);
    const stale = loose.filter((entry) => isStale(this.#options.state(), entry.transaction));
    for (const entry of stale) this.#drop(entry);
    if (stale.length > 0) {
      this.#options.logger.info("transactions dropped, no block can apply them any more", {
        count: stale.length,
      });
      await this.#options.store.write(
        stale.map((entry) => ({ namespace: "pool", key: key("t", entry.sequence), value: null })),
      );
    }
    await this.#hand(loose.filter((entry) => this.#entries.has(bytesId(entry.id))));
  }

  /** What is to be forwarded now, in order of acceptance. */
  due(now: number): PoolEntry[] {
    if (this.#consensus) return [];
    return [...this.#entries.values()]
      .filter((entry) => entry.dueAt <= now)
      .sort((a, b) => a.sequence - b.sequence);
  }

  async #hand(entries: PoolEntry[]): Promise<void> {
    const consensus = this.#consensus;
    if (!consensus) return;
    const loose = entries
      .filter((entry) => entry.handed !== consensus)
      .sort((a, b) => a.sequence - b.sequence);
    if (loose.length === 0) return;
    for (const entry of loose) entry.handed = consensus;
    try {
      await consensus.submit(loose.map((entry) => entry.bytes));
    } catch (error) {
      // it stays here, on disk, and `refresh` tries again
      for (const entry of loose) entry.handed = undefined;
      if (!BUSY.has(errorCode(error))) throw error;
      this.#options.logger.debug("consensus takes no transactions now", { code: errorCode(error) });
    }
  }

  #heldOf(block: Block): PoolEntry[] {
    return block.receipts.flatMap(({ txId }) => this.#entries.get(bytesId(txId)) ?? []);
  }

  #put(bytes: Uint8Array, transaction: Transaction, sequence: number, source: number | undefined): PoolEntry {
    const id = transactionId(bytes);
    const durable = Promise.resolve();
    const entry: PoolEntry = {
      id,
      bytes,
      transaction,
      sequence,
      source,
      handed: undefined,
      attempts: 0,
      dueAt: 0,
      durable,
    };
    this.#entries.set(bytesId(id), entry);
    this.#account(entry, 1);
    return entry;
  }

  #drop(entry: PoolEntry): void {
    if (this.#entries.delete(bytesId(entry.id))) this.#account(entry, -1);
  }

  #assertRoom(bytes: number, source: number | undefined): void {
    const full = this.#entries.size >= MAX_POOL_TRANSACTIONS || this.#bytes + bytes > MAX_POOL_BYTES;
    const crowded = source !== undefined && this.#crowds(source, bytes);
    if (full || crowded) {
      throw chainError("ERR_POOL_FULL", "no room for more transactions now", { size: this.#entries.size });
    }
  }

  #crowds(source: number, bytes: number): boolean {
    const used = this.#used.get(source);
    if (!used) return false;
    return (
      used.count >= MAX_POOL_TRANSACTIONS / PEER_SHARE || used.bytes + bytes > MAX_POOL_BYTES / PEER_SHARE
    );
  }

  #account(entry: PoolEntry, sign: 1 | -1): void {
    this.#bytes += sign * entry.bytes.length;
    if (entry.source === undefined) return;
    const used = this.#used.get(entry.source) ?? { count: 0, bytes: 0 };
    used.count += sign;
    used.bytes += sign * entry.bytes.length;
    if (used.count > 0) this.#used.set(entry.source, used);
    else this.#used.delete(entry.source);
  }
}
