import { approve } from "#client/actions/approve.ts";
import { bid } from "#client/actions/bid.ts";
import { closeLot } from "#client/actions/close-lot.ts";
import { getLot, getLotPrice, getNewestLot, type Lot } from "#client/actions/get-lot.ts";
import { contractAddress } from "#client/actions/l2-client.ts";
import { openLot } from "#client/actions/open-lot.ts";
import { errorCode } from "#protocol/errors/error.ts";
import { DEVNET_PARAMETERS } from "#scripts/deploy/networks.ts";
import type { Persona } from "../actions/persona.ts";
import { formatFlk, formatStable } from "../io/amounts.ts";
import { pause } from "./wait.ts";
import type { Cast, World } from "./world.ts";

const EVERY_MS = 500;
/** wei per micro-USD: what FLK is worth on the local network, which has no other market */
const MARKET_PRICE = DEVNET_PARAMETERS.auctionFirstReference;
const NO_LIMIT = (1n << 256n) - 1n;

/** Opens every lot of the buyback, buys it when its price has fallen to the market's, and closes what is over, until `signal`. */
export async function keepBidding(world: World, cast: Cast, signal: AbortSignal): Promise<void> {
  const { persona } = cast.bidder;
  let allowed = false;
  while (!signal.aborted) {
    await pause(EVERY_MS, signal);
    try {
      if (!allowed) {
        const spender = contractAddress(persona.l2, "auction");
        await approve(persona.l2, { token: persona.l2.contracts.flk, spender, amount: NO_LIMIT });
        allowed = true;
      }
      await lookAtLots(world, persona);
    } catch (error) {
      // the L2 or the node does not answer, or there is nothing to sell yet: next round
      persona.forgetNonce();
      const code = errorCode(error);
      world.status.retries.set(code, (world.status.retries.get(code) ?? 0) + 1);
    }
  }
}

async function lookAtLots({ status, display }: World, { node, l2 }: Persona): Promise<void> {
  const lot = await getNewestLot(l2);
  if (lot && !lot.closed) {
    const { timestamp } = await l2.public.getBlock();
    if (lot.closesAt <= Number(timestamp)) await closeLot(l2, lot);
    else await bidFor(lot, l2, (text) => display.line(text));
    return;
  }
  if (status.activeUpTo > (lot?.toEpoch ?? -1)) await openLot(node, l2);
}

async function bidFor(lot: Lot, l2: Persona["l2"], say: (text: string) => void): Promise<void> {
  const { lotId, fromEpoch, toEpoch } = lot;
  if ((await getLotPrice(l2, lot)) > MARKET_PRICE) return;
  const amount = lot.amount - lot.sold;
  await bid(l2, { lotId, amount, maxFlk: amount * MARKET_PRICE });
  const after = await getLot(l2, { lotId });
  const epochs = fromEpoch === toEpoch ? `epoch ${fromEpoch}` : `epochs ${fromEpoch} to ${toEpoch}`;
  say(
    `buyback of ${epochs}: ${formatStable(after.sold)} sold for ${formatFlk(after.burned)}, which are burned`,
  );
}
