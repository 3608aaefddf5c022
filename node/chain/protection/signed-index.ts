import type { Store, Write } from "#node/interface/store.ts";
import { KIND, type Kind } from "#protocol/digests/consensus.ts";
import { equalBytes } from "#protocol/types/codec.ts";
import {
  EPOCHS_END,
  epochOf,
  epochRange,
  floorOf,
  KINDS,
  kindOf,
  parseRecord,
  readFloor,
  slotOf,
} from "./records.ts";

interface Newest {
  /** round or block index */
  position: bigint;
  payloadHash: Uint8Array;
}

/** The newest record of every lane, in memory; a lane is what is signed in ascending order: votes for one author, all headers, … */
export class SignedIndex {
  /** by epoch and lane */
  #epochs = new Map<number, Map<number, Newest>>();
  #floor = 0;

  async load(store: Store): Promise<void> {
    this.#floor = await readFloor(store);
    for (const kind of KINDS) {
      if (kind === KIND.vote) await this.#loadVotes(store);
      else await this.#loadNewest(store, kind);
    }
  }

  /** What is about to be written to `protection/`. */
  note(writes: readonly Write[]): void {
    for (const { namespace, key, value } of writes) {
      if (namespace !== "protection" || value === null) continue;
      const floor = floorOf(key, value);
      if (floor !== undefined) this.#raise(floor);
      else this.#put(key, value);
    }
  }

  /** Whether a signature of ours for this slot and payload is ahead of what is recorded, or another one than the newest. */
  isUnrecorded(kind: Kind, epoch: number, slot: bigint, payloadHash: Uint8Array): boolean {
    if (epoch < this.#floor) return false;
    const newest = this.#epochs.get(epoch)?.get(laneOf(kind, slot));
    const position = positionOf(kind, slot);
    if (!newest || position > newest.position) return true;
    return position === newest.position && !equalBytes(payloadHash, newest.payloadHash);
  }

  async #loadVotes(store: Store): Promise<void> {
    for await (const [key, value] of store.iterate(
      "protection",
      epochRange(KIND.vote, this.#floor, EPOCHS_END),
    ))
      this.#put(key, value);
  }

  /** Reads one record per epoch: there may be many attestations. */
  async #loadNewest(store: Store, kind: Kind): Promise<void> {
    for (let end = EPOCHS_END; ; ) {
      const range = { ...epochRange(kind, this.#floor, end), reverse: true, limit: 1 };
      const before = end;
      for await (const [key, value] of store.iterate("protection", range)) {
        this.#put(key, value);
        end = epochOf(key);
      }
      if (end === before) return;
    }
  }

  #put(key: Uint8Array, value: Uint8Array): void {
    const kind = kindOf(key);
    if (kind === undefined) return;
    const epoch = epochOf(key);
    const slot = slotOf(key);
    const lane = laneOf(kind, slot);
    const position = positionOf(kind, slot);
    const lanes = this.#epochs.get(epoch) ?? new Map<number, Newest>();
    this.#epochs.set(epoch, lanes);
    const known = lanes.get(lane);
    if (known && known.position > position) return;
    lanes.set(lane, { position, payloadHash: parseRecord(value).payloadHash.slice() });
  }

  #raise(floor: number): void {
    this.#floor = Math.max(this.#floor, floor);
    for (const epoch of this.#epochs.keys()) if (epoch < this.#floor) this.#epochs.delete(epoch);
  }
}

/** Above the kinds, which are a byte. */
const FIRST_AUTHOR = 256;

function laneOf(kind: Kind, slot: bigint): number {
  return kind === KIND.vote ? FIRST_AUTHOR + Number(slot & 0xffff_ffffn) : kind;
}

function positionOf(kind: Kind, slot: bigint): bigint {
  return kind === KIND.vote ? slot >> 32n : slot;
}
