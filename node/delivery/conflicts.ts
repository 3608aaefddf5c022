import type { Store, Write } from "#node/interface/store.ts";
import { laneId, laneKeyOf } from "#protocol/digests/ids.ts";
import { AckConflict } from "#protocol/types/ack.ts";
import { bytesKey } from "#protocol/types/bytes-key.ts";
import { decode } from "#protocol/types/codec.ts";

/** Lanes whose evidence is kept; beyond them the oldest epoch's gives way. */
const MAX_CONFLICTS = 1_024;
/** In namespace "delivery", beside the tags of lane-records.ts: tag ‖ epoch u64 big-endian ‖ lane id. */
const TAG_CONFLICT = 4;

/** Evidence of two acknowledgements with one count: the first pair of each lane, on disk before the second one is refused. Rule D14. */
export class Conflicts {
  readonly #store: Store;
  readonly #max: number;
  /** keys on disk, ascending: oldest epoch first */
  readonly #keys = new Map<string, Uint8Array>();

  constructor(store: Store, max = MAX_CONFLICTS) {
    this.#store = store;
    this.#max = max;
  }

  async load(): Promise<void> {
    for await (const [key] of this.#store.iterate("delivery", RANGE)) this.#keys.set(bytesKey(key), key);
  }

  /** Durable when resolved. */
  async keep(conflict: AckConflict): Promise<void> {
    const { ack } = conflict.first;
    const key = keyOf(ack.epoch, laneId(laneKeyOf(ack)));
    if (this.#keys.has(bytesKey(key))) return;
    const writes: Write[] = [{ namespace: "delivery", key, value: AckConflict.serialize(conflict) }];
    this.#keys.set(bytesKey(key), key);
    if (this.#keys.size > this.#max) {
      const [oldest] = [...this.#keys.values()].sort((a, b) => Buffer.compare(a, b));
      if (oldest) {
        this.#keys.delete(bytesKey(oldest));
        writes.push({ namespace: "delivery", key: oldest, value: null });
      }
    }
    await this.#store.write(writes);
  }

  async list(): Promise<AckConflict[]> {
    const found: AckConflict[] = [];
    for await (const [, value] of this.#store.iterate("delivery", RANGE))
      found.push(decode(AckConflict, value));
    return found;
  }
}

const RANGE = { gte: Uint8Array.of(TAG_CONFLICT), lt: Uint8Array.of(TAG_CONFLICT + 1) };

function keyOf(epoch: number, id: Uint8Array): Uint8Array {
  const key = new Uint8Array(9 + id.length);
  key[0] = TAG_CONFLICT;
  new DataView(key.buffer).setBigUint64(1, BigInt(epoch));
  key.set(id, 9);
  return key;
}
