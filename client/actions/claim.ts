import { epochSettlementAbi } from "#protocol/abi/EpochSettlement.ts";
import { payoutProof } from "#protocol/digests/trees.ts";
import { fromHex, type Hex, toHex } from "#protocol/types/hex.ts";
import type { EpochReport, Settlement } from "#protocol/types/settlement.ts";
import type { FlkClient } from "../client.ts";
import { clientError } from "../errors.ts";
import { getEpochReport, getSettlement } from "./get-settlement.ts";
import { execute, type L2Client, type L2Receipt } from "./l2-client.ts";

/** Cumulative amounts that the newest active settlement owes an account, and their proof. micro-USD, wei. */
export interface ClaimableProof {
  stable: bigint;
  flk: bigint;
  proof: Hex[];
}

/** The newest settlement that is active on the L2 with its report, checked against what the L2 pays by; for many claims at once. */
export async function getSettled(
  client: FlkClient,
  l2: Pick<L2Client, "public" | "contracts">,
): Promise<{ settlement: Settlement; report: EpochReport }> {
  const { activeEpochs, payoutRoot } = await l2.public.readContract({
    address: l2.contracts.settlement,
    abi: epochSettlementAbi,
    functionName: "status",
  });
  if (activeEpochs === 0n) throw clientError("ERR_NOT_SETTLED", "no settlement is active on the L2 yet");
  const epoch = Number(activeEpochs) - 1;
  const settled = await getSettlement(client, { epoch });
  if (!settled || toHex(settled.settlement.payoutRoot) !== payoutRoot) {
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
  return { stable, flk, proof: found.proof };
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
 * Pays `account`, the wallet's own when absent, what the newest active settlement owes it; anyone may do it for anyone.
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
  const { stable, flk, proof } = proofOf(settled, account);
  const paid = await getClaimed(l2, { account });
  const due = { stable: stable - paid.stable, flk: flk - paid.flk };
  if (due.stable <= 0n && due.flk <= 0n) return { stable: 0n, flk: 0n, receipt: undefined };
  const address = l2.contracts.settlement;
  const args = [account, stable, flk, proof];
  const receipt = await execute(l2, { address, abi: epochSettlementAbi, functionName: "claim", args });
  return { ...due, receipt };
}
