import type { Ed25519Signer } from "#crypto";
import { COMMODITY, SERVICE_CDN } from "#protocol/types/ack.ts";
import type { Hex } from "#protocol/types/hex.ts";
import type { FlkClient } from "../client.ts";
import { assertNotAborted } from "../session/acknowledger.ts";
import { type LaneStore, memoryLaneStore } from "../session/lane-store.ts";
import type { ReserveBudget } from "../session/reserve-budget.ts";
import { DEFAULT_MAX_RESERVE } from "../session/reserver.ts";
import { assertPrice, DeliverySession } from "../session/session.ts";
import { edgeUrl, getNode } from "./get-node.ts";
import { getPrice } from "./get-prices.ts";

export interface OpenSessionParameters {
  nodeId: number;
  account: Hex;
  /** a session key that the account has authorised, or one that `delegation` names */
  session: Ed25519Signer;
  /** of `delegate`, when `session` is a delegated key */
  delegation?: Hex;
  /** of the node's edge; the registered endpoint when absent */
  url?: string;
  service?: number;
  commodity?: number;
  /** two tabs, or two processes, use two lane numbers; 0 when absent */
  lane?: number;
  /** keeps what was signed; in memory when absent */
  store?: LaneStore;
  /**
   * micro-USD of the balance that may be locked for this node beyond what is acknowledged; 1 USD when absent. With 0 nothing is
   * reserved, and the node serves 256 KiB at a time, until the chain has paid it.
   */
  maxReserve?: bigint;
  /** what may be locked at several nodes together, e.g. those that a job asks */
  budget?: ReserveBudget;
  /** ends the opening, not the session */
  signal?: AbortSignal;
  /** micro-USD per 10^9 units; the price at opening when absent. At a higher one nothing is signed, at opening or in a later epoch. */
  maxPrice?: bigint;
}

/**
 * Opens a lane with a node after both have proved who they are, and takes it up where it was left.
 * @throws ERR_ABORTED, ERR_NODE_IDENTITY, ERR_NODE_UNREACHABLE, ERR_LANE_STATE, ERR_PRICE_TOO_HIGH, the node's codes
 */
export async function openSession(
  client: FlkClient,
  parameters: OpenSessionParameters,
): Promise<DeliverySession> {
  const { signal } = parameters;
  assertNotAborted(signal);
  const node = await getNode(client, { nodeId: parameters.nodeId });
  const { service = SERVICE_CDN, commodity = COMMODITY.bandwidth } = parameters;
  const price = await getPrice(client, { service, commodity });
  const { maxPrice = price } = parameters;
  assertPrice(price, maxPrice);
  assertNotAborted(signal);
  const session = new DeliverySession({
    client,
    node,
    url: parameters.url?.replace(/\/+$/, "") ?? edgeUrl(node),
    account: parameters.account,
    session: parameters.session,
    service,
    commodity,
    lane: parameters.lane ?? 0,
    ...(parameters.delegation !== undefined && { delegation: parameters.delegation }),
    store: parameters.store ?? memoryLaneStore(),
    maxReserve: parameters.maxReserve ?? DEFAULT_MAX_RESERVE,
    maxPrice,
    ...(parameters.budget && { budget: parameters.budget }),
  });
  await session.open(signal);
  return session;
}
