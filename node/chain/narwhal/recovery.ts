import { INITIAL_CURSOR } from "#node/consensus/bullshark.ts";
import type { Recovered } from "#node/consensus/primary-options.ts";
import { certificateKey, decodeCursor, TABLE, tableKey, u64 } from "#node/consensus/records.ts";
import type { Namespace, Store, Write } from "#node/interface/store.ts";
import { KIND } from "#protocol/digests/consensus.ts";
import { decode } from "#protocol/types/codec.ts";
import { Certificate, SignedHeader, Vote } from "#protocol/types/consensus.ts";
import { epochRange, floorWrite, KINDS, parseRecord, readFloor } from "../protection/records.ts";
import { narwhalError } from "./errors.ts";

const PRUNE_CHUNK = 1000;

/** NAR-RECOVER: what the disk says about `epoch`. @throws ERR_EPOCH_PRUNED, ERR_STORE */
export async function recover(store: Store, epoch: number, gcDepth: number): Promise<Recovered> {
  if (epoch < (await readFloor(store))) {
    throw narwhalError("ERR_EPOCH_PRUNED", "what was signed in this epoch is no longer recorded", { epoch });
  }
  const record = await store.get("consensus", tableKey(TABLE.cursor, epoch));
  const { cursor, reported } = record ? decodeCursor(record) : { cursor: INITIAL_CURSOR, reported: 0 };
  const gcRound = Math.max(0, cursor.lastCommittedRound - gcDepth);
  const certificates: Certificate[] = [];
  const stored = { gte: certificateKey(epoch, gcRound + 1, 0), lt: tableKey(TABLE.certificate, epoch + 1) };
  for await (const [, value] of store.iterate("consensus", stored))
    certificates.push(decode(Certificate, value));
  const votes: Vote[] = [];
  for await (const [, value] of store.iterate("protection", epochRange(KIND.vote, epoch, epoch + 1)))
    votes.push(decode(Vote, parseRecord(value).bytes));
  let proposal: SignedHeader | undefined;
  const newest = { ...epochRange(KIND.header, epoch, epoch + 1), reverse: true, limit: 1 };
  for await (const [, value] of store.iterate("protection", newest)) {
    proposal = decode(SignedHeader, parseRecord(value).bytes);
  }
  return { cursor, reported, proposal, votes, certificates };
}

/**
 * EPO-PRUNE: forgets the epochs before the last one. The floor goes first: an epoch without records is never signed in again.
 */
export async function pruneEpoch(store: Store, epoch: number): Promise<void> {
  const oldest = Math.max(0, epoch - 1);
  if (oldest === 0) return;
  if ((await readFloor(store)) >= oldest) return;
  await store.write([floorWrite(oldest)]);
  for (const table of Object.values(TABLE)) {
    await deleteRange(store, "consensus", tableKey(table, 0), tableKey(table, oldest));
  }
  await deleteRange(store, "batch", u64(0), u64(oldest));
  for (const kind of KINDS) {
    const { gte, lt } = epochRange(kind, 0, oldest);
    await deleteRange(store, "protection", gte, lt);
  }
}

async function deleteRange(
  store: Store,
  namespace: Namespace,
  gte: Uint8Array,
  lt: Uint8Array,
): Promise<void> {
  let chunk: Write[] = [];
  for await (const [key] of store.iterate(namespace, { gte, lt })) {
    chunk.push({ namespace, key: key.slice(), value: null });
    if (chunk.length < PRUNE_CHUNK) continue;
    await store.write(chunk);
    chunk = [];
  }
  if (chunk.length > 0) await store.write(chunk);
}
