import { committeeHash, EMPTY_SLASH_LIST, reportHash } from "#protocol/digests/settlement.ts";
import { balanceRoot, payoutRoot } from "#protocol/digests/trees.ts";
import type { BalanceChange } from "#protocol/types/block.ts";
import type { Committee } from "#protocol/types/committee.ts";
import type { EpochReport, Settlement } from "#protocol/types/settlement.ts";
import { transitionError } from "../errors.ts";
import type { State } from "../state.ts";
import { drawCommittee } from "./committee-draw.ts";
import { snapshotEligible } from "./eligibility.ts";
import { payEpoch } from "./pay-epoch.ts";
import { rateNodes } from "./rate-nodes.ts";
import { releaseWithdrawals } from "./release-withdrawals.ts";
import { makeReport } from "./report.ts";
import { rollEpoch } from "./roll.ts";

export interface ClosedEpoch {
  report: EpochReport;
  settlement: Settlement;
  /** of the closed epoch: signs the settlement */
  committee: Committee;
  nextCommittee: Committee;
  /** beacon seed of the next epoch */
  seed: Uint8Array;
}

/** Ends the epoch at the time of the block just executed (TRN-CLOSE); balance changes go to `changes`. */
export function closeEpoch(state: State, changes: BalanceChange[]): ClosedEpoch {
  const { epoch, time: closeTime, opening, l2View, nextSeed } = state.meta.value;
  const committee = state.committee();
  releaseWithdrawals(state, changes);
  const earnings = payEpoch(state, closeTime);
  rateNodes(state);
  const nextCommittee = drawCommittee(state, nextSeed);
  const report = makeReport(state, closeTime, earnings, nextCommittee);
  assertConserved(state);
  rollEpoch(state, closeTime, nextCommittee, snapshotEligible(state, epoch + 1));

  const { totalBalances, totalPayoutStable, totalPayoutFlk } = state.meta.value;
  const settlement: Settlement = {
    epoch,
    previous: opening,
    closeTime,
    l2Number: l2View.number,
    l2Hash: l2View.hash,
    stateRoot: state.root(),
    payoutRoot: payoutRoot(report.payouts),
    balanceRoot: balanceRoot(report.balances),
    reportHash: reportHash(report),
    totalBalances,
    totalPayoutStable,
    totalPayoutFlk,
    slashListHash: EMPTY_SLASH_LIST,
    nextCommitteeHash: committeeHash(nextCommittee),
  };
  return { report, settlement, committee, nextCommittee, seed: nextSeed };
}

/** Once all revenue is paid out, every deposited micro-USD is a balance or a payout (ECO-CONSERVE). */
function assertConserved(state: State): void {
  const { totalDeposits, totalBalances, totalPayoutStable } = state.meta.value;
  if (totalDeposits !== totalBalances + totalPayoutStable) {
    throw transitionError("ERR_STATE_CONSERVATION", "money was made or lost", {
      totalDeposits,
      totalBalances,
      totalPayoutStable,
    });
  }
}
