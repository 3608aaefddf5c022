import type { BlockInput } from "#protocol/types/block.ts";
import { type Committee, quorumPower } from "#protocol/types/committee.ts";
import type { L2Checkpoint } from "#protocol/types/consensus.ts";
import { transitionError } from "../errors.ts";
import { MAX_PENDING_REPORTS_PER_NODE, type PendingReport } from "../records.ts";
import type { State } from "../state.ts";
import { keyOf } from "../values.ts";

/** What `input` makes of the L2 view: computed once, before the events up to it are read, and applied with them. */
export interface NextL2View extends L2Checkpoint {
  readonly input: BlockInput;
  /** blocks executed before `input` */
  readonly height: number;
  /** reports above it */
  readonly pending: PendingReport[];
}

/**
 * The L2 view after `input` (TRN-VIEW): the highest checkpoint above the current one that members with 2f+1 of the power
 * reported with one hash, in this block or earlier in the epoch; else the current one. Changes nothing.
 */
export function nextL2View(state: State, input: BlockInput): NextL2View {
  const reports = withReports(state, input);
  const { number, hash } = highestQuorum(state.committee(), reports) ?? state.l2View;
  const pending = reports.filter((report) => report.number > number);
  return { number, hash, input, height: state.height, pending };
}

/**
 * Moves the view and keeps the reports above it.
 * @throws ERR_BLOCK_VIEW when `next` is not what `nextL2View` gives for this input now
 */
export function processL2View(state: State, input: BlockInput, next: NextL2View): L2Checkpoint {
  if (next.input !== input || next.height !== state.height) {
    throw transitionError("ERR_BLOCK_VIEW", "the view is that of another block", {
      expected: state.height,
      got: next.height,
    });
  }
  const { number, hash, pending } = next;
  if (input.reports.length > 0 || pending.length !== state.reports.value.length) state.reports.set(pending);
  if (number !== state.l2View.number) state.patchMeta({ l2View: { number, hash } });
  return state.l2View;
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
