import type { Genesis } from "#node/interface/l2.ts";
import type { Store, Write } from "#node/interface/store.ts";
import { equalBytes } from "#protocol/types/codec.ts";
import type { L2Checkpoint } from "#protocol/types/consensus.ts";
import { fromHex, toHex } from "#protocol/types/hex.ts";
import type { L2Event } from "#protocol/types/l2-events.ts";
import { l2Error } from "./errors.ts";
import type { PlacedEvent } from "./parse-logs.ts";

/** Keys in namespace "l2": what was read so far, how the network started, and each event by its place. */
const CURSOR = Uint8Array.of(0);
const GENESIS = Uint8Array.of(1);
const EVENT = 2;

interface Cursor {
  networkId: Uint8Array;
  checkpoint: L2Checkpoint;
}

/** The events of finalized blocks, kept so that a restarted node reads on where it was. */
export class EventStore {
  #store: Store;
  #networkId: Uint8Array;

  constructor(store: Store, networkId: Uint8Array) {
    this.#store = store;
    this.#networkId = networkId;
  }

  /** @throws ERR_L2_NETWORK when the database belongs to another deployment */
  async load(): Promise<{ cursor: L2Checkpoint | undefined; genesis: Genesis | undefined }> {
    const cursor = await this.#read<Cursor>(CURSOR);
    if (cursor && !equalBytes(cursor.networkId, this.#networkId)) {
      const data = { stored: toHex(cursor.networkId), configured: toHex(this.#networkId) };
      throw l2Error("ERR_L2_NETWORK", "the database holds another network's events", data);
    }
    return { cursor: cursor?.checkpoint, genesis: await this.#read<Genesis>(GENESIS) };
  }

  /** Events up to and with `checkpoint`, in one batch with it. */
  async append(
    events: readonly PlacedEvent[],
    checkpoint: L2Checkpoint,
    genesis: Genesis | undefined,
  ): Promise<void> {
    const cursor: Cursor = { networkId: this.#networkId, checkpoint };
    const writes: Write[] = events.map(({ block, logIndex, event }) => put(eventKey(block, logIndex), event));
    if (genesis) writes.push(put(GENESIS, genesis));
    await this.#store.write([...writes, put(CURSOR, cursor)]);
  }

  /** Events of blocks in (after, upTo], in log order. */
  async range(after: number, upTo: number): Promise<L2Event[]> {
    const events: L2Event[] = [];
    const range = { gte: eventKey(after + 1, 0), lt: eventKey(upTo + 1, 0) };
    for await (const [, value] of this.#store.iterate("l2", range)) events.push(decodeJson<L2Event>(value));
    return events;
  }

  async #read<T>(key: Uint8Array): Promise<T | undefined> {
    const value = await this.#store.get("l2", key);
    return value && decodeJson<T>(value);
  }
}

function eventKey(block: number, logIndex: number): Uint8Array {
  const key = new Uint8Array(13);
  const view = new DataView(key.buffer);
  view.setUint8(0, EVENT);
  view.setBigUint64(1, BigInt(block));
  view.setUint32(9, logIndex);
  return key;
}

function put(key: Uint8Array, value: unknown): Write {
  return { namespace: "l2", key, value: encodeJson(value) };
}

/** JSON with bytes as {"$bytes"} and bigints as {"$int"}; only for records that this node wrote itself. */
function encodeJson(value: unknown): Uint8Array {
  const text = JSON.stringify(value, (_, field: unknown) => {
    if (typeof field === "bigint") return { $int: field.toString() };
    return field instanceof Uint8Array ? { $bytes: toHex(field) } : field;
  });
  return new TextEncoder().encode(text);
}

function decodeJson<T>(bytes: Uint8Array): T {
  return JSON.parse(new TextDecoder().decode(bytes), (_, field: unknown) => {
    if (typeof field !== "object" || field === null) return field;
    if ("$int" in field) return BigInt(String(field.$int));
    return "$bytes" in field ? fromHex(String(field.$bytes)) : field;
  }) as T;
}
