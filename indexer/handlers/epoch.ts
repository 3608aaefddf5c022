import { and, eq, inArray, sql } from "drizzle-orm";
import { FlkError } from "#protocol/errors/error.ts";
import { decode } from "#protocol/types/codec.ts";
import { Committee, type CommitteeMember } from "#protocol/types/committee.ts";
import { fromHex, type Hex, toHex } from "#protocol/types/hex.ts";
import { SettlementCertificate } from "#protocol/types/settlement.ts";
import { writeCursor } from "../store/cursor.ts";
import type { Reader, Transaction } from "../store/database.ts";
import { accounts, deposits, epochs, nodeKeys, starts } from "../store/schema.ts";
import { readOpeningView } from "../store/views.ts";

export type Seat = Omit<CommitteeMember, "consensusKey">;

/**
 * The committee with the keys that the L2 registered: a certificate vouches for the sum of its keys only, so that keys
 * named by a node could be forged.
 * @throws ERR_UNKNOWN_KEY
 */
export async function committeeOf(db: Reader, epoch: number, seats: Seat[]): Promise<Committee> {
  const ids = seats.map((seat) => seat.nodeId);
  const rows = ids.length === 0 ? [] : await db.select().from(nodeKeys).where(inArray(nodeKeys.node, ids));
  const keys = new Map(rows.map((row) => [`${row.node}/${row.version}`, row.consensusKey]));
  const members = seats.map(({ nodeId, keyVersion, power }) => {
    const key = keys.get(`${nodeId}/${keyVersion}`);
    if (key === undefined) {
      throw new FlkError("ERR_UNKNOWN_KEY", `key ${keyVersion} of node ${nodeId} is not on the L2 yet`, {
        nodeId,
        keyVersion,
      });
    }
    return { nodeId, keyVersion, power, consensusKey: fromHex(key) };
  });
  return { epoch, members };
}

/** `packed`: 16-byte entries (uint32 nodeId, uint32 keyVersion, uint64 power), big-endian. */
function unpackSeats(packed: Hex): Seat[] {
  const bytes = fromHex(packed);
  const view = new DataView(bytes.buffer);
  return Array.from({ length: bytes.length / 16 }, (_, i) => ({
    nodeId: view.getUint32(16 * i),
    keyVersion: view.getUint32(16 * i + 4),
    power: Number(view.getBigUint64(16 * i + 8)),
  }));
}

/** Opens epoch 0 by the start on the L2; deposits up to it are the genesis balances. @throws ERR_L2_NOT_STARTED, ERR_UNKNOWN_KEY */
export async function openGenesis(tx: Transaction): Promise<void> {
  const [start] = await tx.select().from(starts);
  if (!start)
    throw new FlkError("ERR_L2_NOT_STARTED", "the network has not started on the L2, or not finally");
  const committee = await committeeOf(tx, 0, unpackSeats(start.members as Hex));
  await tx.insert(epochs).values({
    number: 0,
    opening: start.digest,
    committee: toHex(Committee.serialize(committee)),
    openTime: start.startTime,
  });
  await tx.execute(sql`
    UPDATE ${accounts} SET "balance" = d.total, "depositsSeen" = d.total
    FROM (SELECT ${deposits.account} AS account, max(${deposits.total}) AS total FROM ${deposits}
          WHERE ${deposits.block} <= ${start.l2Block} GROUP BY ${deposits.account}) d
    WHERE ${accounts.address} = d.account`);
  await writeCursor(tx, { epoch: 0, index: 0, height: -1, blockRoot: null });
}

/** Opens the epoch after `closed` by its verified settlement certificate. */
export async function openNextEpoch(
  tx: Transaction,
  certificate: SettlementCertificate,
  digest: Uint8Array,
  next: Committee,
): Promise<void> {
  const { epoch, closeTime } = certificate.settlement;
  await tx
    .update(epochs)
    .set({ digest: toHex(digest), certificate: toHex(SettlementCertificate.serialize(certificate)) })
    .where(and(eq(epochs.number, epoch)));
  await tx.insert(epochs).values({
    number: epoch + 1,
    opening: toHex(digest),
    committee: toHex(Committee.serialize(next)),
    openTime: closeTime,
  });
  await writeCursor(tx, { epoch: epoch + 1, index: 0 });
}

export interface FollowedEpoch {
  committee: Committee;
  opening: Uint8Array;
  /** L2 view whose prices are in force in it */
  view: number;
  closed: boolean;
}

export async function readEpoch(db: Reader, number: number): Promise<FollowedEpoch | undefined> {
  const [row] = await db.select().from(epochs).where(eq(epochs.number, number));
  if (!row) return undefined;
  const view = await readOpeningView(db, number);
  if (view === undefined) throw new Error(`epoch ${number} is open and the one before it is not closed`);
  return {
    committee: decode(Committee, fromHex(row.committee)),
    opening: fromHex(row.opening),
    view,
    closed: row.closeTime !== null,
  };
}
