import { blake3, type Ed25519Signer, ed25519Verify } from "#crypto";
import {
  Ack,
  Delegation,
  Reserve,
  type SignedAck,
  type SignedDelegation,
  type SignedReserve,
} from "../types/ack.ts";
import { sszDigest } from "./ssz-digest.ts";

/** `log_0`. */
export const EMPTY_LOG: Uint8Array = new Uint8Array(32);

/** log_n = BLAKE3(log_{n−1} ‖ contentHash ‖ offset u64 ‖ units u64), little-endian (DESIGN §7). */
export function extendLog(
  previous: Uint8Array,
  delivery: { contentHash: Uint8Array; offset: bigint; units: bigint },
): Uint8Array {
  const bytes = new Uint8Array(80);
  bytes.set(previous, 0);
  bytes.set(delivery.contentHash, 32);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(64, delivery.offset, true);
  view.setBigUint64(72, delivery.units, true);
  return blake3(bytes);
}

/** What stands for the content in the log of a run: BLAKE3(module ‖ input), both by their BLAKE3. */
export function runHash(module: Uint8Array, input: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(64);
  bytes.set(module, 0);
  bytes.set(input, 32);
  return blake3(bytes);
}

export function ackDigest(networkId: Uint8Array, ack: Ack): Uint8Array {
  return sszDigest("ack", networkId, Ack, ack);
}

export function signAck(networkId: Uint8Array, ack: Ack, session: Ed25519Signer): SignedAck {
  return { ack, signature: session.sign(ackDigest(networkId, ack)) };
}

/** The signature alone: whether the session may sign for the account is the state's word. */
export function verifyAckSignature(networkId: Uint8Array, signed: SignedAck): boolean {
  return ed25519Verify(signed.ack.session, ackDigest(networkId, signed.ack), signed.signature);
}

export function reserveDigest(networkId: Uint8Array, reserve: Reserve): Uint8Array {
  return sszDigest("reserve", networkId, Reserve, reserve);
}

export function signReserve(networkId: Uint8Array, reserve: Reserve, session: Ed25519Signer): SignedReserve {
  return { reserve, signature: session.sign(reserveDigest(networkId, reserve)) };
}

/** As `verifyAckSignature`. */
export function verifyReserveSignature(networkId: Uint8Array, signed: SignedReserve): boolean {
  const { reserve, signature } = signed;
  return ed25519Verify(reserve.session, reserveDigest(networkId, reserve), signature);
}

export function delegationDigest(networkId: Uint8Array, delegation: Delegation): Uint8Array {
  return sszDigest("delegation", networkId, Delegation, delegation);
}

export function signDelegation(
  networkId: Uint8Array,
  delegation: Delegation,
  session: Ed25519Signer,
): SignedDelegation {
  return { delegation, signature: session.sign(delegationDigest(networkId, delegation)) };
}

/** As `verifyAckSignature`, by the session key that delegates. */
export function verifyDelegationSignature(networkId: Uint8Array, signed: SignedDelegation): boolean {
  const { delegation, signature } = signed;
  return ed25519Verify(delegation.session, delegationDigest(networkId, delegation), signature);
}

/** What a delegation says of a web origin such as `https://example.com`: as browsers send it, without a path. */
export function originHash(origin: string): Uint8Array {
  return blake3(new TextEncoder().encode(origin));
}
