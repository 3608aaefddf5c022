import type { Delivery } from "#node/delivery/delivery.ts";
import type { ClaimedDelivery } from "#node/delivery/types.ts";
import type { ChainView } from "#node/interface/chain-view.ts";
import type { NetworkContext } from "#protocol/digests/network.ts";
import type { DeliveryEntry } from "#protocol/types/edge-http.ts";
import { toHex } from "#protocol/types/hex.ts";
import type { ContentStore } from "../content-types.ts";
import type { Handshakes } from "../handshake.ts";

/** What routes work on. */
export interface EdgeContext {
  network: NetworkContext;
  /** nodeId */
  self: number;
  chain: ChainView;
  content: ContentStore;
  delivery: Delivery;
  handshakes: Handshakes;
}

export function toEntry(delivery: ClaimedDelivery): DeliveryEntry {
  return {
    transfer: delivery.transfer,
    hash: toHex(delivery.contentHash),
    offset: delivery.offset.toString(),
    units: delivery.units.toString(),
  };
}
