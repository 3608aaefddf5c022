import { BPS } from "#protocol/params/limits.ts";
import { minBigint } from "#protocol/types/bigint.ts";
import type { GrantReport } from "#protocol/types/settlement.ts";
import { requireParameter } from "../parameters.ts";
import type { PendingGrant, PendingGrants } from "../records.ts";
import type { State } from "../state.ts";
import { uintToAddress } from "../values.ts";

/** Ceiling whatever was voted: half of what the buyback part burned. */
const MAX_KAPPA_BPS = BPS / 2n;

/** κ of this epoch, basis points. */
function kappa(state: State): bigint {
  return minBigint(requireParameter(state, "kappaBps"), MAX_KAPPA_BPS);
}

/**
 * wei for the revenue of one node in one epoch (ECO-CAP): what the schedule has for it, but at most κ of its part of the
 * burn. `buyback` and `lotBuyback`: micro-USD of the node's revenue, and of all that the lot sold the buyback of.
 */
export function grant(args: {
  scheduled: bigint;
  kappaBps: bigint;
  lotBurn: bigint;
  buyback: bigint;
  lotBuyback: bigint;
}): bigint {
  const { scheduled, kappaBps, lotBurn, buyback, lotBuyback } = args;
  if (lotBuyback === 0n) return 0n;
  return minBigint(scheduled, (kappaBps * lotBurn * buyback) / (BPS * lotBuyback));
}

/** Lets the epoch's schedule wait for its lot, in the place of what waited the longest (ECO-WAIT). */
export function addPending(state: State, grants: PendingGrant[]): void {
  state.grants.put({
    epoch: state.epoch,
    auction: uintToAddress(requireParameter(state, "buyback")),
    kappaBps: kappa(state),
    lotClosed: 0,
    lotBuyback: 0n,
    lotBurn: 0n,
    grants: grants.filter(({ scheduled, buyback }) => scheduled > 0n && buyback > 0n),
  });
}

/**
 * Takes out what is due: the grants of epochs whose lot has closed. Gives the wei of each node, and what each epoch came to,
 * ascending.
 */
export function takeGrants(state: State): { byNode: Map<number, bigint>; byEpoch: GrantReport[] } {
  const byNode = new Map<number, bigint>();
  const byEpoch: GrantReport[] = [];
  const due = [...state.grants.values()]
    .filter(({ lotClosed, grants }) => lotClosed === 1 && grants.length > 0)
    .sort((a, b) => a.epoch - b.epoch);
  for (const pending of due) {
    let flk = 0n;
    for (const [node, wei] of epochGrants(pending)) {
      byNode.set(node, (byNode.get(node) ?? 0n) + wei);
      flk += wei;
    }
    const { epoch, lotBuyback, lotBurn } = pending;
    byEpoch.push({ epoch, lotBuyback, lotBurn, flk });
    state.grants.put({ ...pending, grants: [] });
  }
  return { byNode, byEpoch };
}

function epochGrants({ kappaBps, lotBurn, lotBuyback, grants }: PendingGrants): [number, bigint][] {
  return grants.map(({ node, scheduled, buyback }) => [
    node,
    grant({ scheduled, kappaBps, lotBurn, buyback, lotBuyback }),
  ]);
}
