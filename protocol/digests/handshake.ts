import { Handshake } from "../types/delivery.ts";
import { sszDigest } from "./ssz-digest.ts";

/** What the node signs with its network key, so that the client knows whom it talks to. */
export function nodeHandshakeDigest(networkId: Uint8Array, handshake: Handshake): Uint8Array {
  return sszDigest("handshake-node", networkId, Handshake, handshake);
}

/** What the client signs with its session key, so that nobody else is served on its account. */
export function clientHandshakeDigest(networkId: Uint8Array, handshake: Handshake): Uint8Array {
  return sszDigest("handshake-client", networkId, Handshake, handshake);
}
