import type { Rows } from "../store/rows.ts";
import { thawRequests } from "../store/schema.ts";
import type { LogOf } from "../sync/l2-logs.ts";
import { lower } from "./lower.ts";
import { placeOf } from "./place.ts";
import type { Held, OpenRequest } from "./stake-book.ts";

type StakingLog = LogOf<"staking">;
type Of<Name extends StakingLog["eventName"]> = Extract<StakingLog, { eventName: Name }>;
type Opened = Pick<typeof thawRequests.$inferSelect, "block" | "logIndex" | "closedBlock" | "closedLogIndex">;

export function applyUnstakeRequested(rows: Rows, log: Of<"UnstakeRequested">): void {
  const { nodeId: node, requestId, amount, maturesAt } = log.args;
  rows.insert(thawRequests, {
    node,
    request: Number(requestId),
    ...placeOf(log),
    amount,
    remaining: amount,
    maturesAt: Number(maturesAt),
    state: "THAWING",
  });
}

export function applyRequestClosed(rows: Rows, log: Of<"UnstakeCancelled"> | Of<"Withdrawn">): void {
  const { nodeId: node, requestId } = log.args;
  const withdrawn = log.eventName === "Withdrawn";
  rows.update(thawRequests, {
    node,
    request: Number(requestId),
    state: withdrawn ? "WITHDRAWN" : "CANCELLED",
    ...(withdrawn ? { recipient: lower(log.args.to) } : {}),
    ...closing(log),
  });
}

function closing({ block, logIndex, txHash }: StakingLog) {
  return { closedBlock: block, closedLogIndex: logIndex, closedTx: txHash };
}

/**
 * Takes from each open request its share of a slash, as NodeStaking does: in its order, with its rounding. `held`: as the log left it,
 * with the requests from before it.
 */
export function slashRequests(rows: Rows, log: Of<"Slashed">, { total, open }: Held): void {
  const { nodeId: node, amount } = log.args;
  const available = total + amount;
  let passed = 0n;
  let taken = 0n;
  for (let at = open.length - 1; at >= 0; at--) {
    const thawing = open[at] as OpenRequest;
    const { request, remaining } = thawing;
    passed += remaining;
    const takenUpTo = (passed * amount) / available;
    const left = remaining - (takenUpTo - taken);
    taken = takenUpTo;
    if (left === remaining) continue;
    thawing.remaining = left;
    const closed = left === 0n ? { state: "SLASHED", ...closing(log) } : {};
    rows.update(thawRequests, { node, request, remaining: left, ...closed });
    if (left === 0n) removeAt(open, at);
  }
}

/**
 * The open requests in the order of the contract's list: it puts its last in the place of one that is removed, and a slash
 * removes from the end.
 */
export function openInOrder<T extends Opened>(known: T[]): T[] {
  const at = (block: number | null, logIndex: number | null): number[] => [block ?? 0, logIndex ?? 0];
  const steps = known.flatMap((request) => {
    const opened = { request, opens: true, at: at(request.block, request.logIndex) };
    if (request.closedBlock === null) return [opened];
    return [opened, { request, opens: false, at: at(request.closedBlock, request.closedLogIndex) }];
  });
  const list: T[] = [];
  const place = (request: T) => list.indexOf(request);
  steps.sort((a, b) => compare(a.at, b.at));
  for (let i = 0; i < steps.length; ) {
    const at = steps[i]?.at as number[];
    const first = i;
    while (i < steps.length && compare(steps[i]?.at as number[], at) === 0) i++;
    const together = steps.slice(first, i);
    together.sort((a, b) => place(b.request) - place(a.request));
    for (const { request, opens } of together) {
      if (opens) list.push(request);
      else removeAt(list, place(request));
    }
  }
  return list;
}

/** As the contract does: its last takes the place. Nothing for -1. */
export function removeAt<T>(list: T[], index: number): void {
  if (index < 0) return;
  const last = list.pop();
  if (last && index < list.length) list[index] = last;
}

function compare([blockA = 0, logA = 0]: number[], [blockB = 0, logB = 0]: number[]): number {
  return blockA - blockB || logA - logB;
}
