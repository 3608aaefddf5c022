import { epochSettlementAbi } from "#protocol/abi/EpochSettlement.ts";
import { toL2Settlement } from "#protocol/digests/settlement.ts";
import type { FlkClient } from "../client.ts";
import { clientError } from "../errors.ts";
import { getSettlement } from "./get-settlement.ts";
import { execute, type L2Client, type L2Receipt } from "./l2-client.ts";

/** Settlements that one call makes active at most: each is a transaction. */
const MOST_AT_ONCE = 16;

/** A settlement that waits on the L2. */
export interface PendingSettlement {
  epoch: number;
  digest: `0x${string}`;
  /** Unix seconds */
  activatesAt: number;
  /** why it waits for governance, the HELD_ bits of EpochSettlement; 0 when it does not */
  held: number;
}

/** The first settlement that is posted and not active; undefined when there is none. */
export async function getFirstPending(
  l2: Pick<L2Client, "public" | "contracts">,
): Promise<PendingSettlement | undefined> {
  const contract = { address: l2.contracts.settlement, abi: epochSettlementAbi } as const;
  const { firstPending, nextEpoch } = await l2.public.readContract({ ...contract, functionName: "status" });
  if (firstPending === nextEpoch) return undefined;
  const [digest, activatesAt, reasons] = await l2.public.readContract({
    ...contract,
    functionName: "pending",
    args: [firstPending],
  });
  return { epoch: Number(firstPending), digest, activatesAt: Number(activatesAt), held: reasons };
}

/**
 * Makes every settlement active that is due and not held, oldest first; anyone may. A settlement pays once it is active.
 * @throws ERR_NOT_SETTLED when the node does not have it yet, ERR_L2_REVERTED
 */
export async function activateDue(client: FlkClient, l2: L2Client): Promise<L2Receipt[]> {
  const receipts: L2Receipt[] = [];
  while (receipts.length < MOST_AT_ONCE) {
    const [pending, { timestamp }] = await Promise.all([getFirstPending(l2), l2.public.getBlock()]);
    if (pending?.held !== 0 || pending.activatesAt > Number(timestamp)) break;
    const { epoch, digest } = pending;
    const found = await getSettlement(client, { epoch });
    if (found?.digest !== digest) {
      throw clientError("ERR_NOT_SETTLED", `the node does not have the settlement of epoch ${epoch} yet`, {
        epoch,
      });
    }
    const { result, ...receipt } = await execute(l2, {
      address: l2.contracts.settlement,
      abi: epochSettlementAbi,
      functionName: "activate",
      args: [toL2Settlement(found.settlement)],
    });
    receipts.push(receipt);
    // held when it was due: what comes behind it waits too
    if (result !== true) break;
  }
  return receipts;
}
