import { ContainerType, ListCompositeType } from "@chainsafe/ssz";
import type { Store, Write } from "#node/interface/store.ts";
import { SignedAck, SignedDelegation } from "#protocol/types/ack.ts";
import { decode, equalBytes } from "#protocol/types/codec.ts";
import { Delivery as LogEntry } from "#protocol/types/delivery.ts";
import { Bytes32, Counter64, Uint64 } from "#protocol/types/primitives.ts";
import type { LaneRequest, LaneState } from "./types.ts";

/**
 * What delivery keeps in namespace "delivery". Keys start with a tag and the epoch, big-endian, so that an epoch is one
 * range: 1 lanes, 2 log entries, 3 boot marks of session keys (tag ‖ account ‖ key ‖ commodity), 4 conflicts (conflicts.ts).
 */
const TAG = { lane: 1, log: 2, boot: 3, conflict: 4 } as const;

export const LaneRecord = new ContainerType(
  {
    signed: SignedAck,
    /** micro-USD per 10^9 units, of the lane's epoch */
    price: Uint64,
    /** of a delegated key */
    delegations: new ListCompositeType(SignedDelegation, 1),
  },
  { typeName: "LaneRecord" },
);

const BootMark = new ContainerType({ boot: Bytes32, epoch: Counter64 }, { typeName: "BootMark" });

function epochPrefix(tag: number, epoch: number): Uint8Array {
  const key = new Uint8Array(9);
  key[0] = tag;
  new DataView(key.buffer).setBigUint64(1, BigInt(epoch));
  return key;
}

function concat(...parts: Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** All keys of a tag. */
function rangeOf(tag: number): { gte: Uint8Array; lt: Uint8Array } {
  return { gte: Uint8Array.of(tag), lt: Uint8Array.of(tag + 1) };
}

export const CONFLICT_RANGE: { gte: Uint8Array; lt: Uint8Array } = rangeOf(TAG.conflict);

export function conflictKey(epoch: number, laneId: Uint8Array): Uint8Array {
  return concat(epochPrefix(TAG.conflict, epoch), laneId);
}

function logKey(epoch: number, laneId: Uint8Array, index: number): Uint8Array {
  const tail = new Uint8Array(4);
  new DataView(tail.buffer).setUint32(0, index);
  return concat(epochPrefix(TAG.log, epoch), laneId, tail);
}

/** The new newest acknowledgement of a lane and the log entries it adds, to be written at once. */
export function laneWrites(
  laneId: Uint8Array,
  { signed, price, delegation }: Omit<LaneState, "id" | "idKey">,
  added: readonly LogEntry[],
): Write[] {
  const { epoch, count } = signed.ack;
  const record = { signed, price, delegations: delegation ? [delegation] : [] };
  const first = count - added.length + 1;
  return [
    {
      namespace: "delivery",
      key: concat(epochPrefix(TAG.lane, epoch), laneId),
      value: LaneRecord.serialize(record),
    },
    ...added.map(
      ({ contentHash, offset, units }, i): Write => ({
        namespace: "delivery",
        key: logKey(epoch, laneId, first + i),
        value: LogEntry.serialize({ contentHash, offset, units }),
      }),
    ),
  ];
}

/** Every lane kept, oldest epoch first. */
export async function loadLanes(store: Store): Promise<Omit<LaneState, "idKey">[]> {
  const lanes: Omit<LaneState, "idKey">[] = [];
  for await (const [key, value] of store.iterate("delivery", rangeOf(TAG.lane))) {
    const { signed, price, delegations } = decode(LaneRecord, value);
    const [delegation] = delegations;
    lanes.push({ id: key.slice(9), signed, price, ...(delegation && { delegation }) });
  }
  return lanes;
}

/** The log of a lane in order: entry n is what turned `log_{n−1}` into `log_n`. */
export async function readLog(store: Store, epoch: number, laneId: Uint8Array): Promise<LogEntry[]> {
  const entries: LogEntry[] = [];
  const range = {
    gte: logKey(epoch, laneId, 0),
    lt: concat(logKey(epoch, laneId, 0xffff_ffff), Uint8Array.of(0)),
  };
  for await (const [, value] of store.iterate("delivery", range)) entries.push(decode(LogEntry, value));
  return entries;
}

const PRUNE_BATCH = 1000;

/** Deletes lanes and logs of epochs before `epoch`, and boot marks as old. */
export async function prune(store: Store, epoch: number): Promise<void> {
  let batch: Write[] = [];
  const drop = async (key: Uint8Array): Promise<void> => {
    batch.push({ namespace: "delivery", key, value: null });
    if (batch.length < PRUNE_BATCH) return;
    await store.write(batch);
    batch = [];
  };
  for (const tag of [TAG.lane, TAG.log]) {
    const range = { gte: Uint8Array.of(tag), lt: epochPrefix(tag, epoch) };
    for await (const [key] of store.iterate("delivery", range)) await drop(key);
  }
  for await (const [key, value] of store.iterate("delivery", rangeOf(TAG.boot))) {
    if (decode(BootMark, value).epoch < epoch) await drop(key);
  }
  if (batch.length > 0) await store.write(batch);
}

/** Who is served what. */
export type Served = Pick<LaneRequest, "account" | "key" | "commodity">;

function bootWrite(boot: Uint8Array, epoch: number, { account, key: sessionKey, commodity }: Served): Write {
  const key = concat(Uint8Array.of(TAG.boot), account, sessionKey, Uint8Array.of(commodity));
  return { namespace: "delivery", key, value: BootMark.serialize({ boot, epoch }) };
}

/** For the session keys that this process goes on serving, so that `prune` keeps their marks. */
export async function renewMarks(
  store: Store,
  boot: Uint8Array,
  epoch: number,
  served: readonly Served[],
): Promise<void> {
  if (served.length > 0) await store.write(served.map((one) => bootWrite(boot, epoch, one)));
}

/** Marks that this process serves a key; true when an earlier process did and this one not yet. */
export async function markBoot(
  store: Store,
  boot: Uint8Array,
  epoch: number,
  served: Served,
): Promise<boolean> {
  const write = bootWrite(boot, epoch, served);
  const stored = await store.get("delivery", write.key);
  await store.write([write]);
  return stored !== undefined && !equalBytes(decode(BootMark, stored).boot, boot);
}
