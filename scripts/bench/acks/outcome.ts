import { FlkError } from "#protocol/errors/error.ts";
import type { Window } from "../support/figures.ts";
import type { PaidBlock } from "./messages.ts";

export interface Confirmed {
  lanes: Uint32Array;
  counts: Uint32Array;
  /** ms as `now` gives them */
  signedAt: Float64Array;
}

export interface Outcome {
  /** lanes that blocks paid within the window, a lane once per block */
  lanes: number;
  /** deliveries that they added */
  deliveries: number;
  /** ms from the signature of an acknowledgement until the last node has the block that pays it, of those paid in the window; ascending */
  latencies: Float64Array;
  /** confirmed in the window, and paid by the end */
  confirmed: number;
  paid: number;
}

/** When the last node had each block, by height; blocks that one has not are left out. */
export function everywhereAt(nodes: readonly { heights: number[]; at: number[] }[]): Map<number, number> {
  const last = new Map<number, { at: number; nodes: number }>();
  for (const { heights, at } of nodes) {
    for (const [which, height] of heights.entries()) {
      const known = last.get(height);
      const time = at[which] ?? Number.POSITIVE_INFINITY;
      last.set(height, { at: Math.max(known?.at ?? 0, time), nodes: (known?.nodes ?? 0) + 1 });
    }
  }
  const whole = [...last].filter(([, entry]) => entry.nodes === nodes.length);
  return new Map(whole.map(([height, entry]) => [height, entry.at]));
}

/** `paid`: in the order of their heights; `at`: as `everywhereAt` gives it. */
export function outcomeOf(
  paid: readonly PaidBlock[],
  at: ReadonlyMap<number, number>,
  confirmed: readonly Confirmed[],
  { from, to }: Window,
): Outcome {
  const signed = signedByLane(confirmed);
  const reached = new Map<number, number>();
  const latencies: number[] = [];
  const outcome = { lanes: 0, deliveries: 0, confirmed: 0, paid: 0 };
  for (const { height, lanes, counts } of paid) {
    const time = at.get(height) ?? Number.POSITIVE_INFINITY;
    for (const [which, lane] of lanes.entries()) {
      const before = reached.get(lane) ?? 0;
      const count = Math.max(before, counts[which] ?? 0);
      reached.set(lane, count);
      const times = (signed.get(lane) ?? []).slice(before, count);
      outcome.paid += times.filter((when) => when >= from && when < to).length;
      if (time < from || time >= to) continue;
      outcome.lanes++;
      outcome.deliveries += count - before;
      latencies.push(...times.map((when) => time - when));
    }
  }
  for (const { signedAt } of confirmed) {
    for (const when of signedAt) if (when >= from && when < to) outcome.confirmed++;
  }
  return { ...outcome, latencies: Float64Array.from(latencies).sort() };
}

/** `[count - 1]`: when the acknowledgement with that count was signed. */
function signedByLane(confirmed: readonly Confirmed[]): Map<number, number[]> {
  const signed = new Map<number, number[]>();
  for (const { lanes, counts, signedAt } of confirmed) {
    for (const [which, lane] of lanes.entries()) {
      const times = signed.get(lane) ?? [];
      times[(counts[which] ?? 1) - 1] = signedAt[which] ?? Number.NaN;
      signed.set(lane, times);
    }
  }
  return signed;
}

/** Figures of nothing explain nothing: what did happen is said instead. @throws ERR_BENCH_NOTHING */
export function assertSomething(
  { confirmed, lanes }: Pick<Outcome, "confirmed" | "lanes">,
  refused: Record<string, number>,
  nodes: readonly { heights: number[] }[],
  clients: readonly { counts: Uint32Array }[],
): void {
  if (confirmed > 0 && lanes > 0) return;
  const ever = clients.reduce((sum, { counts }) => sum + counts.length, 0);
  const blocks = nodes.map(({ heights }) => heights.length);
  const message =
    `${confirmed} acknowledgements were confirmed in the window and ${lanes} lanes paid; since the start ${ever} were confirmed, ` +
    `refused ${JSON.stringify(refused)}, blocks at the nodes ${blocks.join(", ")}`;
  throw new FlkError("ERR_BENCH_NOTHING", message, { confirmed, lanes, ever });
}
