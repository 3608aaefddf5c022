import { key } from "#node/consensus/records.ts";
import type { TransactionPool } from "#node/interface/chain-view.ts";
import type { EpochConsensus } from "#node/interface/consensus.ts";
import type { SignatureVerifier } from "#node/interface/crypto.ts";
import type { Logger } from "#node/interface/logger.ts";
import type { Store, Write } from "#node/interface/store.ts";
import { assertAdmissible } from "#node/transition/execute.ts";
import type { State } from "#node/transition/state.ts";
import { transactionId } from "#protocol/digests/ids.ts";
import type { Transaction } from "#protocol/digests/transactions.ts";
import { type ReceiptCode, receiptStatus } from "#protocol/errors/codes.ts";
import { errorCode, type FlkError, isFlkError } from "#protocol/errors/error.ts";
import type { Block } from "#protocol/types/block.ts";
import { bytesKey } from "#protocol/types/bytes-key.ts";
import { chainError } from "../errors.ts";
import type { TransactionReceipt } from "../import/block-store.ts";
import { isFinal } from "../import/receipt-finality.ts";
import { isStale } from "./admission.ts";
import { PoolRoom } from "./room.ts";

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
  /** of the clock's `elapsed`: when to forward it (again) */
  dueAt: number;
  durable: Promise<void>;
}

/** What came of one transaction: its id, or why it was refused (a receipt code or ERR_POOL_FULL). */
export type Submitted = { id: Uint8Array } | { refused: FlkError };

type Taken =
  | { refused: FlkError }
  /** `entry`: none when it was committed; new or brought before */
  | { id: Uint8Array; entry?: PoolEntry; isNew: boolean };

export interface PoolOptions {
  /** nodeId */
  self: number;
  store: Store;
  logger: Logger;
  state(): State;
  /** all are checked with the curves when absent */
  signatures?: SignatureVerifier | undefined;
  /** of a committed transaction, certified or not */
  committed(txId: Uint8Array): Promise<TransactionReceipt | undefined>;
  /** Something is there to be forwarded. */
  wake(): void;
}

/** Consensus takes nothing now: its own pool is full, or its epoch has closed. */
const BUSY = new Set(["ERR_POOL_FULL", "ERR_CONSENSUS_STOPPED"]);
/** Transactions accepted here and not yet committed: durable, handed to the committee until they commit. */
export class Pool {
  #options: PoolOptions;
  #entries = new Map<string, PoolEntry>();
  #consensus: EpochConsensus | undefined;
  #sequence = 0;
  #room: PoolRoom;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#room = new PoolRoom(options.self);
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
        const transaction = this.#admit(bytes);
        this.#put(bytes, transaction, sequence, undefined);
      } catch (error) {
        if (!isFlkError(error)) throw error;
        await this.#options.store.write([{ namespace: "pool", key: at, value: null }]);
      }
    }
  }

  /** @throws a receipt code, ERR_POOL_FULL */
  async submit(bytes: Uint8Array): ReturnType<TransactionPool["submit"]> {
    const [result] = await this.submitAll([bytes], undefined);
    if (!result) throw chainError("ERR_POOL_FULL", "nothing was taken");
    if ("refused" in result) throw result.refused;
    return result.id;
  }

  /**
   * Takes what can be taken, one result each; those that were taken are on disk, in this order, and with our consensus.
   * `source`: the node that forwarded them.
   * @throws trouble of our own only: ERR_STORE
   */
  async submitAll(transactions: readonly Uint8Array[], source: number | undefined): Promise<Submitted[]> {
    const results: Submitted[] = [];
    const fresh: PoolEntry[] = [];
    const waits: Promise<void>[] = [];
    const durable = Promise.withResolvers<void>();
    // whoever brings one of these meanwhile waits for it, too, and else nobody is to be told
    durable.promise.catch(() => undefined);
    try {
      for (const bytes of transactions) {
        const taken = await this.#take(bytes, source, durable.promise);
        results.push("refused" in taken ? taken : { id: taken.id });
        if ("refused" in taken || !taken.entry) continue;
        if (taken.isNew) fresh.push(taken.entry);
        else waits.push(taken.entry.durable);
      }
      await this.#write(fresh);
      durable.resolve();
    } catch (error) {
      for (const entry of fresh) this.#drop(entry);
      durable.reject(error);
      throw error;
    }
    await Promise.all([this.#pass(fresh), ...waits]);
    return results;
  }

  async #take(bytes: Uint8Array, source: number | undefined, durable: Promise<void>): Promise<Taken> {
    try {
      return await this.#enter(bytes, source, durable);
    } catch (error) {
      if (!isFlkError(error) || !isRefusal(error.code)) throw error;
      return { refused: error };
    }
  }

  /** The entry of the transaction, made when nobody has brought it before; none when it was committed. */
  async #enter(
    bytes: Uint8Array,
    source: number | undefined,
    durable: Promise<void>,
  ): Promise<Exclude<Taken, { refused: FlkError }>> {
    const id = transactionId(bytes);
    const known = this.#entries.get(bytesKey(id));
    if (known) return { id, entry: known, isNew: false };
    const receipt = await this.#options.committed(id);
    // its receipt says what came of it, and ordering the same bytes again would only fill blocks
    if (receipt && isFinal(receipt)) return { id, isNew: false };
    const transaction = this.#admit(bytes);
    const raced = this.#entries.get(bytesKey(id));
    if (raced) return { id, entry: raced, isNew: false };
    this.#room.assert(transaction, bytes.length, source);
    const entry = this.#put(new Uint8Array(bytes), transaction, this.#sequence++, source);
    entry.durable = durable;
    return { id, entry, isNew: true };
  }

  #admit(bytes: Uint8Array): Transaction {
    return assertAdmissible(this.#options.state(), bytes, this.#options.signatures);
  }

  async #write(fresh: readonly PoolEntry[]): Promise<void> {
    // what a block has ordered meanwhile needs no record any more
    const held = fresh.filter((entry) => this.#entries.has(bytesKey(entry.id)));
    if (held.length === 0) return;
    await this.#options.store.write(
      held.map((entry) => ({ namespace: "pool", key: key("t", entry.sequence), value: entry.bytes })),
    );
  }

  /** To our consensus in one go, or to those that forward. */
  async #pass(fresh: PoolEntry[]): Promise<void> {
    if (fresh.length === 0) return;
    if (this.#consensus) await this.#hand(fresh);
    else this.#options.wake();
  }

  /** Deletes that belong to the batch of the block that committed them. */
  committedWrites(block: Block): Write[] {
    const held = this.#heldOf(block);
    return held.map((entry) => ({ namespace: "pool", key: key("t", entry.sequence), value: null }));
  }

  executed(block: Block): void {
    for (const entry of this.#heldOf(block)) this.#drop(entry);
  }

  /** EPO-TAIL: the instance that takes our transactions from now on; undefined when we are no member. */
  async attach(consensus: EpochConsensus | undefined): Promise<void> {
    this.#consensus = consensus;
    const has = new Set(
      consensus ? (await consensus.pending()).map((tx) => bytesKey(transactionId(tx))) : [],
    );
    for (const entry of this.#entries.values()) {
      entry.handed = has.has(bytesKey(entry.id)) ? consensus : undefined;
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
    await this.#hand(loose.filter((entry) => this.#entries.has(bytesKey(entry.id))));
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
    return block.receipts.flatMap(({ txId }) => this.#entries.get(bytesKey(txId)) ?? []);
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
    this.#entries.set(bytesKey(id), entry);
    this.#room.take(transaction, bytes.length, source);
    return entry;
  }

  #drop(entry: PoolEntry): void {
    if (!this.#entries.delete(bytesKey(entry.id))) return;
    this.#room.free(entry.transaction, entry.bytes.length, entry.source);
  }
}

function isRefusal(code: string): boolean {
  return code === "ERR_POOL_FULL" || receiptStatus(code as ReceiptCode) > 0;
}
