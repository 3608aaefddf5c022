import type { SubDag } from "#node/consensus/bullshark.ts";
import type { CommitteeView } from "#node/consensus/committee.ts";
import type { Vertex } from "#node/consensus/dag.ts";
import { transactionId } from "#protocol/digests/ids.ts";
import type { BlockInput, CheckpointReport } from "#protocol/types/block.ts";
import { bytesKey } from "#protocol/types/bytes-key.ts";
import type { Batch } from "#protocol/types/consensus.ts";
import { u32At } from "#protocol/types/well-formed.ts";

/** BLK-TIME. Unix ms: the power-weighted median (the lower one of two) of when the anchor's parents were created. */
export function blockTime(committee: CommitteeView, anchor: Vertex, parents: readonly Vertex[]): number {
  const times = (parents.length > 0 ? parents : [anchor])
    .map((vertex) => ({
      createdAt: vertex.certificate.header.header.createdAt,
      power: committee.powerOf(vertex.author),
    }))
    .sort((a, b) => a.createdAt - b.createdAt);
  const total = times.reduce((sum, { power }) => sum + power, 0);
  let below = 0;
  for (const { createdAt, power } of times) {
    below += power;
    if (2 * below >= total) return createdAt;
  }
  return anchor.certificate.header.header.createdAt;
}

/** BLK-INPUT: the input of a block: `batches` are the sub-DAG's in order, each once. */
export function blockInput(
  committee: CommitteeView,
  subDag: SubDag,
  time: number,
  batches: readonly Batch[],
): BlockInput {
  const { anchor, index } = subDag;
  const transactions = distinct(batches.flatMap((batch) => batch.transactions));
  return {
    epoch: committee.epoch,
    index,
    anchorRound: anchor.round,
    anchorAuthor: anchor.author,
    anchor: anchor.digest,
    time,
    beacon: anchor.certificate.header.header.beacon[0] ?? new Uint8Array(96),
    reports: checkpointReports(subDag),
    transactions,
  };
}

/** Each once, in the place of the first. Ids are made only of those that end alike: almost all end in a signature of their own. */
function distinct(transactions: readonly Uint8Array[]): Uint8Array[] {
  const byEnd = new Map<number, { first: Uint8Array; ids?: Set<string> }>();
  const idOf = (transaction: Uint8Array) => bytesKey(transactionId(transaction));
  return transactions.filter((transaction) => {
    const end = endOf(transaction);
    const alike = byEnd.get(end);
    if (!alike) {
      byEnd.set(end, { first: transaction });
      return true;
    }
    alike.ids ??= new Set([idOf(alike.first)]);
    const before = alike.ids.size;
    return alike.ids.add(idOf(transaction)).size > before;
  });
}

/** 53 bits of the eight bytes before the last, which is a recovery bit in some; of what is shorter its length. */
function endOf(transaction: Uint8Array): number {
  const at = transaction.length - 9;
  return at < 0 ? transaction.length : u32At(transaction, at) + (u32At(transaction, at + 4) >>> 11) * 2 ** 32;
}

/** BLK-REPORTS: the first report of each member about each L2 block: headers may repeat them, and reports are bounded in a block. */
function checkpointReports(subDag: SubDag): CheckpointReport[] {
  const seen = new Set<string>();
  const reports: CheckpointReport[] = [];
  for (const { author, certificate } of subDag.vertices) {
    for (const checkpoint of certificate.header.header.checkpoints) {
      const id = `${author}/${checkpoint.number}`;
      if (seen.has(id)) continue;
      seen.add(id);
      reports.push({ node: author, checkpoint });
    }
  }
  return reports;
}
