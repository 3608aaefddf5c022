import type { IncomingMessage } from "node:http";
import type { Transfer } from "#node/delivery/credit.ts";
import type { Delivery } from "#node/delivery/delivery.ts";
import { deliveryError } from "#node/delivery/errors.ts";
import type { Session } from "#node/delivery/sessions.ts";
import type { ClaimedDelivery } from "#node/delivery/types.ts";
import type { ChainView } from "#node/interface/chain-view.ts";
import type { NetworkContext } from "#protocol/digests/network.ts";
import { equalBytes } from "#protocol/types/codec.ts";
import type { DeliveryEntry } from "#protocol/types/edge-http.ts";
import { toHex } from "#protocol/types/hex.ts";
import type { ComputeRoom } from "../compute/room.ts";
import type { ContentStore } from "../content-types.ts";
import { asObject, hexField, type JsonObject } from "../fields.ts";
import type { Handshakes } from "../handshake.ts";
import { readJson } from "../http.ts";

export interface Offer {
  /** 0 to 100 */
  load: number;
  /** micro-USD per 10^9 units by commodity */
  minPrices: readonly bigint[];
}

/** What routes work on. */
export interface EdgeContext {
  network: NetworkContext;
  /** nodeId */
  self: number;
  chain: ChainView;
  content: ContentStore;
  delivery: Delivery;
  handshakes: Handshakes;
  offer(): Offer;
  compute: ComputeRoom;
}

/** @throws `code` when the body's `network` is another one, ERR_REQUEST */
export function assertNetwork(
  edge: EdgeContext,
  body: JsonObject,
  code: "ERR_NETWORK" | "ERR_ACK_NETWORK",
): void {
  if (equalBytes(hexField(body, "network", 32), edge.network.networkId)) return;
  throw deliveryError(code, "this node belongs to another network");
}

/** The body of a request that belongs to a session of this node. @throws `code`, ERR_REQUEST, ERR_SESSION_UNKNOWN */
export async function readInSession(
  edge: EdgeContext,
  request: IncomingMessage,
  code: "ERR_NETWORK" | "ERR_ACK_NETWORK",
): Promise<{ body: JsonObject; session: Session }> {
  const body = asObject(await readJson(request), "the body");
  assertNetwork(edge, body, code);
  return { body, session: edge.delivery.session(hexField(body, "session", 32)) };
}

/** What a transfer needs before its answer begins: without it there is none, and the refusal says why. */
export async function prepared<T>(
  { delivery }: EdgeContext,
  session: Session,
  transfer: Transfer,
  needed: Promise<T>,
): Promise<T> {
  try {
    return await needed;
  } catch (error) {
    delivery.end(session, transfer);
    throw error;
  }
}

export function toEntry(delivery: ClaimedDelivery): DeliveryEntry {
  return {
    transfer: delivery.transfer,
    hash: toHex(delivery.contentHash),
    offset: delivery.offset.toString(),
    units: delivery.units.toString(),
  };
}
