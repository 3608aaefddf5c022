import { epochSettlementAbi } from "#protocol/abi/EpochSettlement.ts";
import { type L2Settlement, NO_SETTLEMENT } from "#protocol/digests/settlement.ts";
import type { Hex } from "#protocol/types/hex.ts";
import { clientError } from "../errors.ts";
import { findSettlement, type SettlementRange } from "./find-settlement.ts";
import { execute, type L2Client, type L2Reader, type L2Receipt } from "./l2-client.ts";

/** Where the chain of settlements stands when everything that is not active is taken away. */
export interface Opening {
  /** all zeros when the start or a restart is newer */
  active: L2Settlement;
  /** all zeros when nothing is pending */
  firstPending: L2Settlement;
}

/** What opened the epoch that is first in line: what `freeze`, `restart` and `recover` ask for. Needs no node. @throws ERR_NOT_SETTLED */
export async function getOpening(l2: L2Reader, range: SettlementRange): Promise<Opening> {
  const contract = { address: l2.contracts.settlement, abi: epochSettlementAbi } as const;
  const status = await l2.public.readContract({ ...contract, functionName: "status" });
  let base: Hex = status.digest;
  let firstPending = NO_SETTLEMENT;
  if (status.firstPending !== status.nextEpoch) {
    const args = [status.firstPending] as const;
    const [digest] = await l2.public.readContract({ ...contract, functionName: "pending", args });
    const found = await findSettlement(l2, { ...range, digest });
    if (!found) {
      const data = { epoch: Number(status.firstPending), fromBlock: range.fromBlock };
      throw clientError("ERR_NOT_SETTLED", "the L2 does not show the first pending settlement", data);
    }
    firstPending = found;
    base = found.previous;
  }
  return { active: (await findSettlement(l2, { ...range, digest: base })) ?? NO_SETTLEMENT, firstPending };
}

/**
 * Stops posting and activation, so that accounts can leave by `escapeVault`: anyone may, when no settlement became active for the governed
 * delay. @throws ERR_L2_REVERTED, with reason EscapeNotOpen before that
 */
export async function freeze(l2: L2Client, range: SettlementRange): Promise<L2Receipt> {
  const args = [await getOpening(l2, range)];
  return execute(l2, {
    address: l2.contracts.settlement,
    abi: epochSettlementAbi,
    functionName: "freeze",
    args,
  });
}
