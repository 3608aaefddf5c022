import { epochSettlementAbi } from "#protocol/abi/EpochSettlement.ts";
import { toL2Settlement } from "#protocol/digests/settlement.ts";
import { payoutProof } from "#protocol/digests/trees.ts";
import { fromHex, type Hex } from "#protocol/types/hex.ts";
import type { EpochReport, Settlement } from "#protocol/types/settlement.ts";
import type { FlkClient } from "../client.ts";
import { clientError } from "../errors.ts";
import { getEpochReport, getSettlement } from "./get-settlement.ts";
import { execute, type L2Client, type L2Receipt } from "./l2-client.ts";

/** Cumulative amounts that the newest settlement on the L2 owes an account, and their proof. micro-USD, wei. */
export interface ClaimableProof {
  stable: bigint;
  flk: bigint;
  proof: Hex[];
  settlement: Settlement;
}

/** The newest settlement on the L2 with its report, each checked against what the L2 holds; for many claims at once. */
export async function getSettled(
  client: FlkClient,
  l2: Pick<L2Client, "public" | "contracts">,
): Promise<{ settlement: Settlement; report: EpochReport }> {
  const contract = { address: l2.contracts.settlement, abi: epochSettlementAbi } as const;
  const [next, digest] = await Promise.all([
    l2.public.readContract({ ...contract, functionName: "nextEpoch" }),
    l2.public.readContract({ ...contract, functionName: "latestDigest" }),
  ]);
  if (next === 0n) throw clientError("ERR_NOT_SETTLED", "no epoch is settled on the L2 yet");
  const epoch = Number(next) - 1;
  const settled = await getSettlement(client, { epoch });
  if (settled?.digest !== digest) {
    throw clientError("ERR_NOT_SETTLED", `the node does not have the settlement of epoch ${epoch} yet`, {
      epoch,
    });
  }
  const report = await getEpochReport(client, { epoch, reportHash: settled.settlement.reportHash });
  if (!report)
    throw clientError("ERR_NOT_SETTLED", `the node does not have the report of epoch ${epoch} yet`, {
      epoch,
    });
  return { settlement: settled.settlement, report };
}

/** @throws ERR_NO_PAYOUT when the settlement owes the account nothing */
export function proofOf(
  settled: { settlement: Settlement; report: EpochReport },
  account: Hex,
): ClaimableProof {
  const found = payoutProof(settled.report.payouts, fromHex(account, 20));
  if (!found)
    throw clientError("ERR_NO_PAYOUT", `epoch ${settled.settlement.epoch} owes ${account} nothing`, {
      account,
    });
  const { stable, flk } = found.entry;
  return { stable, flk, proof: found.proof, settlement: settled.settlement };
}

/** What the L2 has paid an account so far: micro-USD, wei. */
export async function getClaimed(
  l2: Pick<L2Client, "public" | "contracts">,
  { account }: { account: Hex },
): Promise<{ stable: bigint; flk: bigint }> {
  const address = l2.contracts.settlement;
  const paid = await l2.public.readContract({
    address,
    abi: epochSettlementAbi,
    functionName: "claimed",
    args: [account],
  });
  return { stable: BigInt(paid.stable), flk: BigInt(paid.flk) };
}

/**
 * Pays `account`, the wallet's own when absent, what the newest settlement owes it; anyone may do it for anyone.
 * Returns what it was owed and not paid before; without a receipt when that is nothing.
 * @throws ERR_NOT_SETTLED, ERR_REPORT_HASH, ERR_NO_PAYOUT, ERR_L2_REVERTED
 */
export async function claim(
  client: FlkClient,
  l2: L2Client,
  parameters: { account?: Hex; settled?: { settlement: Settlement; report: EpochReport } } = {},
): Promise<{ stable: bigint; flk: bigint; receipt: L2Receipt | undefined }> {
  const account = parameters.account ?? l2.wallet.account.address;
  const settled = parameters.settled ?? (await getSettled(client, l2));
  const { stable, flk, proof, settlement } = proofOf(settled, account);
  const paid = await getClaimed(l2, { account });
  const due = { stable: stable - paid.stable, flk: flk - paid.flk };
  if (due.stable <= 0n && due.flk <= 0n) return { stable: 0n, flk: 0n, receipt: undefined };
  const address = l2.contracts.settlement;
  const args = [account, stable, flk, proof, toL2Settlement(settlement)];
  const receipt = await execute(l2, { address, abi: epochSettlementAbi, functionName: "claim", args });
  return { ...due, receipt };
}
