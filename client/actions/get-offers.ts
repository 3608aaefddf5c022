import { isFlkError } from "#protocol/errors/error.ts";
import type { OfferResponse } from "#protocol/types/edge-http.ts";
import type { Hex } from "#protocol/types/hex.ts";
import type { FlkClient } from "../client.ts";
import { amount, integer, list, object, wrong } from "../rpc/json.ts";
import { getJson } from "../session/node-http.ts";
import { edgeUrl, type NodeInfo } from "./get-node.ts";

/** What a node says of itself, and how soon. Nobody checks it. */
export interface Offer {
  /** until the answer was here */
  ms: number;
  /** 0 idle to 100 busy */
  load: number;
  /** micro-USD per 10^9 units by commodity, below which it serves nothing */
  minPrices: bigint[];
  /** whether it has the content that it was asked for */
  holds?: boolean;
}

/** ms for an answer: who is slower is not near */
const TIMEOUT_MS = 1_500;
/** it names a few numbers */
const MAX_BYTES = 16_384;
/** asked at once, so that they do not wait for each other */
export const OFFERS_AT_ONCE = 16;

export interface OfferOptions {
  timeoutMs?: number;
  /** BLAKE3 of a content: asks whether they have it, too */
  content?: Hex;
}

/** Asks nodes how busy they are and what they take; by nodeId, null for those that give no valid answer in time. */
export async function getOffers(
  client: FlkClient,
  nodes: readonly NodeInfo[],
  options: OfferOptions = {},
): Promise<Map<number, Offer | null>> {
  const offers = new Map<number, Offer | null>();
  const left = [...nodes];
  const work = async (): Promise<void> => {
    for (let node = left.shift(); node; node = left.shift())
      offers.set(node.nodeId, await offerOf(client, node, options));
  };
  await Promise.all(Array.from({ length: OFFERS_AT_ONCE }, work));
  return offers;
}

async function offerOf(client: FlkClient, node: NodeInfo, options: OfferOptions): Promise<Offer | null> {
  const { timeoutMs = TIMEOUT_MS, content } = options;
  try {
    const url = `${edgeUrl(node)}/v1/offer${content ? `/${content.slice(2)}` : ""}`;
    const start = performance.now();
    const body = object(await getJson(client.fetch, url, {}, { timeoutMs, maxBytes: MAX_BYTES }), "offer");
    const ms = performance.now() - start;
    if (integer(body.node, "node") !== node.nodeId) wrong("node");
    const { load, minPrices, holds } = body as Partial<Record<keyof OfferResponse, unknown>>;
    return {
      ms,
      load: Math.min(100, integer(load, "load")),
      minPrices: list(minPrices, "minPrices").map((price) => amount(price, "minPrices")),
      ...(content && { holds: typeof holds === "boolean" ? holds : wrong("holds") }),
    };
  } catch (error) {
    // whatever it does instead of answering, it is not one to choose now
    if (isFlkError(error)) return null;
    throw error;
  }
}
