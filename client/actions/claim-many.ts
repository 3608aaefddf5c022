import { decodeErrorResult, parseEventLogs } from "viem";
import { epochSettlementAbi } from "#protocol/abi/EpochSettlement.ts";
import { type Hex, toHex } from "#protocol/types/hex.ts";
import type { EpochReport, Settlement } from "#protocol/types/settlement.ts";
import type { FlkClient } from "../client.ts";
import { getClaimed, getSettled, proofOf } from "./claim.ts";
import { execute, type L2Client } from "./l2-client.ts";

/** Claims in one transaction: well inside a block, about 100,000 gas each. */
const PER_TRANSACTION = 50;

/** What one account was paid: micro-USD, wei. */
export interface PaidClaim {
  account: Hex;
  stable: bigint;
  flk: bigint;
  txHash: Hex;
}

/** An account that could not be paid, and the contract's or token's reason; it can be claimed for again. */
export interface FailedClaim {
  account: Hex;
  reason: string;
}

/**
 * Claims for every account that the newest active settlement still owes something, many in a transaction; one that fails stops
 * no other. Accounts without a payout are left out.
 * @throws ERR_NOT_SETTLED, ERR_REPORT_HASH, ERR_L2_REVERTED
 */
export async function claimMany(
  client: FlkClient,
  l2: L2Client,
  parameters: { accounts: readonly Hex[]; settled?: { settlement: Settlement; report: EpochReport } },
): Promise<{ paid: PaidClaim[]; failed: FailedClaim[] }> {
  const settled = parameters.settled ?? (await getSettled(client, l2));
  const claims = await owed(l2, settled, parameters.accounts);
  const paid: PaidClaim[] = [];
  const failed: FailedClaim[] = [];
  for (let at = 0; at < claims.length; at += PER_TRANSACTION) {
    const { txHash } = await execute(l2, {
      address: l2.contracts.settlement,
      abi: epochSettlementAbi,
      functionName: "claimMany",
      args: [claims.slice(at, at + PER_TRANSACTION)],
    });
    const { logs } = await l2.public.getTransactionReceipt({ hash: txHash });
    for (const log of parseEventLogs({ abi: epochSettlementAbi, logs })) {
      if (log.eventName === "Claimed") {
        const { account, stablePaid, flkPaid } = log.args;
        paid.push({ account, stable: stablePaid, flk: flkPaid, txHash });
      } else if (log.eventName === "ClaimFailed") {
        failed.push({ account: log.args.account, reason: reasonOf(log.args.reason) });
      }
    }
  }
  return { paid, failed };
}

async function owed(
  l2: L2Client,
  settled: { settlement: Settlement; report: EpochReport },
  accounts: readonly Hex[],
): Promise<{ account: Hex; stable: bigint; flk: bigint; proof: Hex[] }[]> {
  const named = new Set(settled.report.payouts.map(({ account }) => toHex(account) as string));
  const entries = await Promise.all(
    accounts
      .filter((account) => named.has(account.toLowerCase()))
      .map(async (account) => {
        const { stable, flk, proof } = proofOf(settled, account);
        const paid = await getClaimed(l2, { account });
        return stable > paid.stable || flk > paid.flk ? [{ account, stable, flk, proof }] : [];
      }),
  );
  return entries.flat();
}

/** The name of the contract's error, or the bytes where it is another contract's. */
function reasonOf(data: Hex): string {
  try {
    return decodeErrorResult({ abi: epochSettlementAbi, data }).errorName;
  } catch {
    return data;
  }
}
