import type { BlockInput } from "#protocol/types/block.ts";
import { equalBytes } from "#protocol/types/codec.ts";
import { type Committee, quorumPower } from "#protocol/types/committee.ts";
import type { L2Checkpoint } from "#protocol/types/consensus.ts";
import { MAX_PENDING_REPORTS_PER_NODE, type PendingReport } from "../records.ts";
import type { State } from "../state.ts";
import { keyOf } from "../values.ts";

/**
 * The L2 view after `input` (TRN-VIEW): the highest checkpoint above the current one that members with 2f+1 of the power
 * reported with one hash, in this block or earlier in the epoch; else the current one. Changes nothing.
 */
export function nextL2View(state: State, input: BlockInput): L2Checkpoint {
  return highestQuorum(state.committee(), withReports(state, input)) ?? state.l2View;
}

/** Moves the view and keeps the reports above it. */
export function processL2View(state: State, input: BlockInput): L2Checkpoint {
  const reports = withReports(state, input);
  const view = highestQuorum(state.committee(), reports) ?? state.l2View;
  const pending = reports.filter((report) => report.number > view.number);
  if (input.reports.length > 0 || pending.length !== reports.length) state.reports.set(pending);
  if (view !== state.l2View) state.patchMeta({ l2View: view });
  return view;
}

/** A member's first report of a number counts, and at most `MAX_PENDING_REPORTS_PER_NODE` at a time. */
function withReports(state: State, input: BlockInput): PendingReport[] {
  const members = new Set(state.committee().members.map((member) => member.nodeId));
  const reports = [...state.reports.value];
  const seen = new Set(reports.map((report) => `${report.node}/${report.number}`));
  const counts = new Map<number, number>();
  for (const report of reports) counts.set(report.node, (counts.get(report.node) ?? 0) + 1);
  for (const { node, checkpoint } of input.reports) {
    const id = `${node}/${checkpoint.number}`;
    const count = counts.get(node) ?? 0;
    if (!members.has(node) || checkpoint.number <= state.l2View.number) continue;
    if (seen.has(id) || count >= MAX_PENDING_REPORTS_PER_NODE) continue;
    seen.add(id);
    counts.set(node, count + 1);
    reports.push({ number: checkpoint.number, hash: checkpoint.hash, node });
  }
  return reports;
}

function highestQuorum(committee: Committee, reports: PendingReport[]): L2Checkpoint | undefined {
  const power = new Map(committee.members.map((member) => [member.nodeId, member.power]));
  const support = new Map<string, { checkpoint: L2Checkpoint; power: number }>();
  for (const { number, hash, node } of reports) {
    const id = `${number}/${keyOf(hash)}`;
    const entry = support.get(id) ?? { checkpoint: { number, hash }, power: 0 };
    entry.power += power.get(node) ?? 0;
    support.set(id, entry);
  }
  const quorum = quorumPower(committee);
  let best: L2Checkpoint | undefined;
  for (const { checkpoint, power: reported } of support.values()) {
    if (reported >= quorum && (!best || checkpoint.number > best.number)) best = checkpoint;
  }
  return best;
}

export function sameCheckpoint(a: L2Checkpoint, b: L2Checkpoint): boolean {
  return a.number === b.number && equalBytes(a.hash, b.hash);
}
