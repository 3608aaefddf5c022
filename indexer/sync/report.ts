import { keccak256 } from "viem";
import { balanceRoot, payoutRoot } from "#protocol/digests/trees.ts";
import { isFlkError } from "#protocol/errors/error.ts";
import { decode, equalBytes } from "#protocol/types/codec.ts";
import { toHex } from "#protocol/types/hex.ts";
import { EpochReport, type Settlement } from "#protocol/types/settlement.ts";
import type { EpochProblem } from "../errors.ts";

interface FoldedBalance {
  balance: bigint;
  depositsSeen: bigint;
}

/** What we know of a closed epoch without the node's report. Accounts as lower-case hex. */
export interface EpochEvidence {
  /** as the committee certified it */
  settlement: Settlement;
  /** balances at the close, folded from the blocks */
  balances: Map<string, FoldedBalance>;
  /** cumulative deposits on the L2 up to `settlement.l2Number` */
  deposits: Map<string, bigint>;
  /** false when the blocks of the epoch contradict themselves */
  folded: boolean;
}

export type ReportCheck = { report: EpochReport } | { problem: EpochProblem };

/** Judges the bytes that a node serves as the report of an epoch. */
export function checkReport(bytes: Uint8Array, evidence: EpochEvidence): ReportCheck {
  const { settlement } = evidence;
  if (keccak256(bytes) !== toHex(settlement.reportHash)) return { problem: "ERR_REPORT_HASH" };
  let report: EpochReport;
  try {
    report = decode(EpochReport, bytes);
  } catch (error) {
    if (isFlkError(error, "ERR_DECODE")) return { problem: "ERR_REPORT_FORM" };
    throw error;
  }
  if (report.epoch !== settlement.epoch || report.closeTime !== settlement.closeTime) {
    return { problem: "ERR_REPORT_FORM" };
  }
  const problem = findProblem(report, evidence);
  return problem === undefined ? { report } : { problem };
}

function findProblem(report: EpochReport, evidence: EpochEvidence): EpochProblem | undefined {
  const { settlement } = evidence;
  if (!evidence.folded) return "ERR_FOLD";
  if (!equalBytes(payoutRoot(report.payouts), settlement.payoutRoot)) return "ERR_PAYOUT_ROOT";
  if (!equalBytes(balanceRoot(report.balances), settlement.balanceRoot)) return "ERR_BALANCE_ROOT";
  if (!sameBalances(report, evidence.balances)) return "ERR_REPORT_BALANCES";
  if (!sameDeposits(evidence)) return "ERR_REPORT_DEPOSITS";
  const balances = sum(report.balances.map((entry) => entry.balance));
  const stable = sum(report.payouts.map((entry) => entry.stable));
  const flk = sum(report.payouts.map((entry) => entry.flk));
  const totals =
    balances === settlement.totalBalances &&
    stable === settlement.totalPayoutStable &&
    flk === settlement.totalPayoutFlk;
  if (!totals) return "ERR_TOTALS";
  if (balances + stable !== sum([...evidence.deposits.values()])) return "ERR_NOT_CONSERVED";
  return undefined;
}

/** Every account that holds a balance or has seen deposits is in the report, with just these. */
function sameBalances(report: EpochReport, folded: Map<string, FoldedBalance>): boolean {
  const listed = new Map(report.balances.map((entry) => [toHex(entry.account), entry]));
  if (listed.size !== report.balances.length) return false;
  for (const [account, { balance, depositsSeen }] of folded) {
    const entry = listed.get(account as `0x${string}`);
    if (entry === undefined) {
      if (balance !== 0n || depositsSeen !== 0n) return false;
    } else if (entry.balance !== balance || entry.depositsSeen !== depositsSeen) return false;
  }
  for (const [account, entry] of listed) {
    if (!folded.has(account) && (entry.balance !== 0n || entry.depositsSeen !== 0n)) return false;
  }
  return true;
}

function sameDeposits({ balances, deposits }: EpochEvidence): boolean {
  for (const [account, total] of deposits)
    if ((balances.get(account)?.depositsSeen ?? 0n) !== total) return false;
  for (const [account, { depositsSeen }] of balances)
    if ((deposits.get(account) ?? 0n) !== depositsSeen) return false;
  return true;
}

function sum(values: bigint[]): bigint {
  return values.reduce((total, value) => total + value, 0n);
}
