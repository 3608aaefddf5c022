import { approve } from "#client/actions/approve.ts";
import { bid } from "#client/actions/bid.ts";
import { closeLot } from "#client/actions/close-lot.ts";
import { getAllowance } from "#client/actions/get-allowance.ts";
import { getLot, getLotPrice, getNewestLot, type Lot } from "#client/actions/get-lot.ts";
import { contractAddress, type L2Client, type L2Reader } from "#client/actions/l2-client.ts";
import { openLot } from "#client/actions/open-lot.ts";
import { isFlkError } from "#protocol/errors/error.ts";
import { minBigint } from "#protocol/types/bigint.ts";
import type { Hex } from "#protocol/types/hex.ts";
import type { BidCommand } from "../cmds/auction.ts";
import type { CommonOptions } from "../cmds/options.ts";
import { resolveHome } from "../config/home.ts";
import { loadConfig } from "../config/load.ts";
import { cliError } from "../errors.ts";
import { formatFlk, formatStable, formatTime, parseFlk, parseStable } from "../io/amounts.ts";
import { createOutput } from "../io/output.ts";
import { openReader, personaOf } from "./persona.ts";

/** @throws ERR_NO_LOT before the first */
async function newestLot(l2: L2Reader): Promise<Lot> {
  const lot = await getNewestLot(l2);
  if (lot) return lot;
  throw cliError("ERR_NO_LOT", "no lot was ever on sale: flk auction open puts the first there");
}

/** Whether it can be bid for, by the newest L2 block. */
async function isOnSale(
  l2: L2Reader,
  { closed, closesAt }: Pick<Lot, "closed" | "closesAt">,
): Promise<boolean> {
  return !closed && closesAt > Number((await l2.public.getBlock()).timestamp);
}

/** The newest lot; `price` is wei per micro-USD while it is on sale. @throws ERR_NO_LOT */
export async function showLot(options: CommonOptions): Promise<void> {
  const home = resolveHome(options.home);
  const { l2 } = await openReader(home, await loadConfig(home));
  const lot = await newestLot(l2);
  const price = (await isOnSale(l2, lot)) ? await getLotPrice(l2, lot) : null;
  const left = lot.amount - lot.sold;
  const cost = price === null ? "not on sale" : `${formatFlk(left * price)} for all of it now`;
  createOutput(options).data({ ...lot, left, price }, [
    `lot       ${lot.lotId} of epochs ${lot.fromEpoch} to ${lot.toEpoch}, ${lot.closed ? "closed" : `until ${formatTime(BigInt(lot.closesAt))}`}`,
    `sold      ${formatStable(lot.sold)} of ${formatStable(lot.amount)} for ${formatFlk(lot.burned)}, which are burned`,
    `left      ${formatStable(left)}: ${cost}`,
  ]);
}

/**
 * Allows the auction `maxFlk` wei, where it may not take as much already, and bids for `asked` micro-USD, or what is left where that is less or nothing is asked. A bid
 * that fails leaves the allowance as it was.
 * @throws ERR_NO_LOT, ERR_L2_REVERTED (LotOver, TooExpensive)
 */
export async function buy(
  l2: L2Client,
  { asked, maxFlk }: { asked?: bigint; maxFlk: bigint },
): Promise<{ lotId: bigint; amount: bigint; txHash: Hex; lot: Lot }> {
  const { lotId, ...lot } = await newestLot(l2);
  if (!(await isOnSale(l2, lot))) throw cliError("ERR_NO_LOT", `lot ${lotId} is not on sale any more`);
  const left = lot.amount - lot.sold;
  const amount = asked === undefined ? left : minBigint(asked, left);
  const spender = contractAddress(l2, "auction");
  const token = l2.contracts.flk;
  const allowed = await getAllowance(l2, { token, owner: l2.wallet.account.address, spender });
  const raised = allowed < maxFlk;
  if (raised) await approve(l2, { token, spender, amount: maxFlk });
  try {
    const { txHash } = await bid(l2, { lotId, amount, maxFlk });
    return { lotId, amount, txHash, lot: await getLot(l2, { lotId }) };
  } catch (error) {
    // only what certainly took nothing: an answer that was lost may be of a bid that is on its way
    if (raised && isFlkError(error, "ERR_L2_REVERTED"))
      await approve(l2, { token, spender, amount: allowed });
    throw error;
  }
}

/** @throws ERR_AMOUNT, the codes of `buy` */
export async function bidForLot(wanted: string, options: BidCommand): Promise<void> {
  const maxFlk = parseFlk(options.maxFlk);
  const asked = wanted === "all" ? {} : { asked: parseStable(wanted) };
  const { l2 } = await personaOf(options);
  const { lotId, amount, txHash, lot } = await buy(l2, { ...asked, maxFlk });
  const { sold, burned } = lot;
  createOutput(options).data({ lotId, amount, maxFlk, txHash, sold, burned }, [
    `bid for ${formatStable(amount)} of lot ${lotId}; ${formatStable(sold)} of it are sold, ${formatFlk(burned)} burned`,
  ]);
}

/** @throws ERR_NOT_SETTLED, ERR_NO_PAYOUT, ERR_L2_REVERTED (NoNewEpoch, LotStillOpen, LotTooSmall) */
export async function openNextLot(options: CommonOptions): Promise<void> {
  const { node, l2 } = await personaOf(options);
  const { lotId, txHash } = await openLot(node, l2);
  createOutput(options).data({ lotId, txHash }, [`lot ${lotId} is on sale`]);
}

/** @throws ERR_NO_LOT, ERR_L2_REVERTED (LotOver, LotStillOpen) */
export async function closeNewestLot(options: CommonOptions): Promise<void> {
  const { l2 } = await personaOf(options);
  const lot = await newestLot(l2);
  const { txHash } = await closeLot(l2, lot);
  const { lotId, burned } = await getLot(l2, lot);
  createOutput(options).data({ lotId, burned, txHash }, [
    `lot ${lotId} is closed: ${formatFlk(burned)} were burned`,
  ]);
}
