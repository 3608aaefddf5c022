import type { SubDag } from "#node/consensus/bullshark.ts";
import { refKey } from "#node/consensus/own-payload.ts";
import { decodeCursor, encodeCursor, TABLE, tableKey } from "#node/consensus/records.ts";
import type { CommittedSubDag } from "#node/interface/consensus.ts";
import type { Write } from "#node/interface/store.ts";
import type { Batch, BatchRef } from "#protocol/types/consensus.ts";
import { Room } from "../support/room.ts";
import type { BatchFetcher } from "./batch-fetcher.ts";
import type { BatchStore } from "./batch-store.ts";
import { blockInput, blockTime } from "./block-input.ts";
import type { EpochDeps } from "./deps.ts";

interface Waiting {
  subDag: SubDag;
  reported: number;
}

/** Sub-DAGs that wait to be executed before more messages are taken: what is left of the committee goes on without us. */
const MAX_BACKLOG = 1_024;

/** Hands the committed sub-DAGs on, in order and one at a time, each with all its batches at hand. */
export class Committer {
  #deps: EpochDeps;
  #batches: BatchStore;
  #fetcher: BatchFetcher;
  #onCommit: (subDag: CommittedSubDag) => Promise<{ closed: boolean }>;
  #onOrdered: (batches: Batch[], closed: boolean) => void;
  #queue: Waiting[] = [];
  #running: Promise<void> | undefined;
  #closed = false;
  readonly room: Room = new Room(MAX_BACKLOG);

  constructor(
    deps: EpochDeps,
    batches: BatchStore,
    fetcher: BatchFetcher,
    onCommit: (subDag: CommittedSubDag) => Promise<{ closed: boolean }>,
    onOrdered: (batches: Batch[], closed: boolean) => void,
  ) {
    this.#deps = deps;
    this.#batches = batches;
    this.#fetcher = fetcher;
    this.#onCommit = onCommit;
    this.#onOrdered = onOrdered;
  }

  get backlog(): number {
    return this.#queue.length;
  }

  push(subDag: SubDag, reported: number): void {
    if (this.#closed || this.#deps.signal.aborted) return;
    this.#queue.push({ subDag, reported });
    this.room.take(1);
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
      if (this.#closed || this.#deps.signal.aborted) this.room.open();
    });
  }

  async idle(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    try {
      for (let next = this.#queue.shift(); next && !this.#closed; next = this.#queue.shift()) {
        if (this.#deps.signal.aborted) return;
        await this.#commit(next);
        this.room.free(1);
      }
    } catch (error) {
      this.#closed = true;
      this.#deps.fatal(error);
    }
  }

  async #commit({ subDag, reported }: Waiting): Promise<void> {
    const refs = await this.#newRefs(subDag);
    const batches = await Promise.all(refs.map(({ ref, author }) => this.#fetcher.get(ref, author)));
    const present = batches.filter((batch) => batch !== undefined);
    // only a stopped epoch gives up on a batch
    if (present.length < batches.length || this.#deps.signal.aborted) return;
    const { committee } = this.#deps;
    const time = blockTime(committee, subDag.anchor, subDag.parents);
    const input = blockInput(committee, subDag, time, present);
    const ordered = refs.map(({ ref }) => ref);
    const cursor = this.#cursorWrites(subDag, reported, ordered);
    const certificates = subDag.vertices.map(({ digest }) => digest);
    const { closed } = await this.#onCommit({ input, cursor, certificates });
    await this.#keepCursor(subDag, cursor);
    this.#batches.ordered(ordered);
    this.#closed = closed;
    if (closed) this.#queue = [];
    this.#onOrdered(present, closed);
  }

  /** BLK-ONCE: the sub-DAG's batches in order, without those that it or an earlier block of the epoch has ordered. */
  async #newRefs(subDag: SubDag): Promise<{ ref: BatchRef; author: number }[]> {
    const seen = new Set<string>();
    const refs: { ref: BatchRef; author: number }[] = [];
    for (const { certificate, author } of subDag.vertices) {
      for (const ref of certificate.header.header.payload) {
        const orderedBy = await this.#batches.orderedBy(ref);
        if (seen.has(refKey(ref)) || (orderedBy !== undefined && orderedBy < subDag.index)) continue;
        seen.add(refKey(ref));
        refs.push({ ref, author });
      }
    }
    return refs;
  }

  #cursorWrites(subDag: SubDag, reported: number, ordered: BatchRef[]): Write[] {
    const key = tableKey(TABLE.cursor, this.#deps.epoch);
    const cursor: Write = { namespace: "consensus", key, value: encodeCursor(subDag.cursor, reported) };
    return [cursor, ...this.#batches.orderWrites(ordered, subDag.index)];
  }

  /** A block that execution already had (from a peer) came with no cursor: it is written here. */
  async #keepCursor(subDag: SubDag, cursor: Write[]): Promise<void> {
    const stored = await this.#deps.store.get("consensus", tableKey(TABLE.cursor, this.#deps.epoch));
    if (stored && decodeCursor(stored).cursor.next >= subDag.cursor.next) return;
    await this.#deps.store.write(cursor);
  }
}
