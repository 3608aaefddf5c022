import { ContainerType, ListBasicType, ListCompositeType } from "@chainsafe/ssz";
import type { Write } from "#node/interface/store.ts";
import { headerSlot, KIND, type Kind, voteSlot } from "#protocol/digests/consensus.ts";
import { MAX_COMMITTEE } from "#protocol/params/limits.ts";
import { bytesKey, keyBytes } from "#protocol/types/bytes-key.ts";
import { Certificate, type Header, type Vote } from "#protocol/types/consensus.ts";
import { Bytes32, Counter64, Uint32 } from "#protocol/types/primitives.ts";
import type { OrderCursor } from "./bullshark.ts";
import type { Vertex } from "./dag.ts";

/** Tables of the namespace "consensus"; keys are table ‖ epoch ‖ … with big-endian numbers. Append only. */
export const TABLE = {
  certificate: "C",
  cursor: "K",
  committedBatch: "D",
  ownBatch: "O",
  peerBatch: "P",
} as const;
export type Table = (typeof TABLE)[keyof typeof TABLE];

/** 8 bytes, big-endian */
export function u64(value: number | bigint): Uint8Array {
  const out = new Uint8Array(8);
  putU64(out, 0, value);
  return out;
}

/** Every message makes keys of them: views and bigints take ten times as long as arithmetic. */
function putU64(out: Uint8Array, at: number, value: number | bigint): void {
  if (typeof value === "bigint") {
    putU32(out, at, Number((value >> 32n) & 0xffff_ffffn));
    putU32(out, at + 4, Number(value & 0xffff_ffffn));
  } else {
    putU32(out, at, Math.floor(value / 2 ** 32));
    putU32(out, at + 4, value % 2 ** 32);
  }
}

function putU32(out: Uint8Array, at: number, value: number): void {
  out[at] = value >>> 24;
  out[at + 1] = value >>> 16;
  out[at + 2] = value >>> 8;
  out[at + 3] = value;
}

export function readU64(bytes: Uint8Array, at: number): number {
  if (at + 8 > bytes.length) throw new RangeError(`no u64 at ${at} of ${bytes.length} bytes`);
  return readU32(bytes, at) * 2 ** 32 + readU32(bytes, at + 4);
}

function readU32(bytes: Uint8Array, at: number): number {
  let value = 0;
  for (let i = at; i < at + 4; i++) value = (value << 8) | (bytes[i] as number);
  return value >>> 0;
}

/** A one-character table name, then big-endian numbers or bytes, so that keys sort by number. */
export function key(table: string, ...parts: (number | Uint8Array)[]): Uint8Array {
  const out = new Uint8Array(parts.reduce<number>((n, part) => n + sizeOf(part), 1));
  out[0] = table.charCodeAt(0);
  let at = 1;
  for (const part of parts) {
    if (typeof part === "number") putU64(out, at, part);
    else out.set(part, at);
    at += sizeOf(part);
  }
  return out;
}

function sizeOf(part: number | Uint8Array): number {
  return typeof part === "number" ? 8 : part.length;
}

export function tableKey(table: Table, epoch: number, ...parts: (number | Uint8Array)[]): Uint8Array {
  return key(table, epoch, ...parts);
}

export function certificateKey(epoch: number, round: number, author: number): Uint8Array {
  return tableKey(TABLE.certificate, epoch, round, author);
}

export function certificateWrite(vertex: Vertex): Write {
  const { header } = vertex.certificate.header;
  return {
    namespace: "consensus",
    key: certificateKey(header.epoch, header.round, header.author),
    value: Certificate.serialize(vertex.certificate),
  };
}

/** kind u8 ‖ epoch u64 ‖ slot u64, big-endian */
export function protectionKey(kind: Kind, epoch: number, slot: bigint): Uint8Array {
  const out = new Uint8Array(17);
  out[0] = kind;
  putU64(out, 1, epoch);
  putU64(out, 9, slot);
  return out;
}

/** Payload hash, then the exact bytes that leave. */
function protectionWrite(key: Uint8Array, payloadHash: Uint8Array, bytes: Uint8Array): Write {
  const value = new Uint8Array(32 + bytes.length);
  value.set(payloadHash);
  value.set(bytes, 32);
  return { namespace: "protection", key, value };
}

/**
 * The record of a vote, whose SSZ bytes are `bytes`, which replaces that of the author's last one: a vote for a lower round is refused because of
 * the newest record, so the older ones protect nothing.
 */
export function voteWrites(vote: Vote, bytes: Uint8Array, replaced: Vote | undefined): Write[] {
  const key = (of: Vote) => protectionKey(KIND.vote, of.epoch, voteSlot(of.round, of.author));
  const writes: Write[] = [protectionWrite(key(vote), vote.digest, bytes)];
  if (replaced) writes.push({ namespace: "protection", key: key(replaced), value: null });
  return writes;
}

/** The record of an own header, whose SSZ bytes with its signature are `bytes`, which replaces the last one: no header is ever made for a round up to the newest record. */
export function proposalWrites(
  header: Header,
  digest: Uint8Array,
  bytes: Uint8Array,
  replacedRound: number | undefined,
): Write[] {
  const { epoch, round } = header;
  const key = (of: number) => protectionKey(KIND.header, epoch, headerSlot(of));
  const writes: Write[] = [protectionWrite(key(round), digest, bytes)];
  if (replacedRound !== undefined)
    writes.push({ namespace: "protection", key: key(replacedRound), value: null });
  return writes;
}

const AuthorRounds = new ListCompositeType(
  new ContainerType({ author: Uint32, round: Counter64 }),
  MAX_COMMITTEE,
);
const ScheduleRecord = new ContainerType(
  {
    number: Counter64,
    commits: Counter64,
    scores: new ListCompositeType(new ContainerType({ nodeId: Uint32, score: Counter64 }), MAX_COMMITTEE),
    swappedOut: new ListBasicType(Uint32, MAX_COMMITTEE),
    swappedIn: new ListBasicType(Uint32, MAX_COMMITTEE),
  },
  { typeName: "LeaderSchedule" },
);
const CursorRecord = new ContainerType(
  {
    next: Counter64,
    lastCommittedRound: Counter64,
    /** digest of the last committed anchor; one or none */
    lastAnchor: new ListCompositeType(Bytes32, 1),
    /** highest L2 checkpoint that an own committed header reported */
    reported: Counter64,
    lastCommitted: AuthorRounds,
    schedule: ScheduleRecord,
  },
  { typeName: "ConsensusCursor" },
);

/** BUL-CURSOR */
export function encodeCursor(cursor: OrderCursor, reported: number): Uint8Array {
  const { next, lastCommittedRound, lastAnchor, schedule } = cursor;
  const lastCommitted = ascending(cursor.lastCommitted).map(([author, round]) => ({ author, round }));
  const scores = ascending(schedule.scores).map(([nodeId, score]) => ({ nodeId, score }));
  return CursorRecord.serialize({
    next,
    lastCommittedRound,
    lastAnchor: lastAnchor === "" ? [] : [keyBytes(lastAnchor)],
    reported,
    lastCommitted,
    schedule: {
      ...schedule,
      scores,
      swappedOut: [...schedule.swappedOut],
      swappedIn: [...schedule.swappedIn],
    },
  });
}

export function decodeCursor(bytes: Uint8Array): { cursor: OrderCursor; reported: number } {
  const { next, lastCommittedRound, lastAnchor, reported, ...record } = CursorRecord.deserialize(bytes);
  const lastCommitted = new Map(record.lastCommitted.map(({ author, round }) => [author, round]));
  const scores = new Map(record.schedule.scores.map(({ nodeId, score }) => [nodeId, score]));
  const schedule = { ...record.schedule, scores };
  const anchor = lastAnchor[0] ? bytesKey(lastAnchor[0]) : "";
  return {
    cursor: { next, lastCommittedRound, lastAnchor: anchor, lastCommitted, schedule },
    reported,
  };
}

function ascending(map: ReadonlyMap<number, number>): [number, number][] {
  return [...map].sort((a, b) => a[0] - b[0]);
}
