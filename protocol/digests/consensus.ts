import { keccak_256 } from "@noble/hashes/sha3.js";
import { keccak256, toBytes } from "viem";
import { bytesKey } from "../types/bytes-key.ts";
import { equalBytes } from "../types/codec.ts";
import { AttestationData, Header } from "../types/consensus.ts";
import { fromHex } from "../types/hex.ts";
import { sszDigest, taggedDigest } from "./ssz-digest.ts";

/** Kinds of consensus signatures (DESIGN §4). */
export const KIND = { header: 1, vote: 2, attestation: 3, settlement: 4 } as const;
export type Kind = (typeof KIND)[keyof typeof KIND];

export const CONSENSUS_TYPEHASH = keccak256(
  toBytes("FlkConsensus(bytes32 networkId,uint8 kind,uint64 epoch,uint256 slot,bytes32 payloadHash)"),
);
const TYPEHASH = fromHex(CONSENSUS_TYPEHASH);
const WORD = 32;
const WORDS = 6;

interface Asked {
  networkId: Uint8Array;
  epoch: number;
  slot: bigint;
  message: Uint8Array;
}

/** Messages that were asked for lately, by payload: votes, certificates and their checks ask for the same one. */
const recent: Record<Kind, Map<string, Asked>> = {
  [KIND.header]: new Map(),
  [KIND.vote]: new Map(),
  [KIND.attestation]: new Map(),
  [KIND.settlement]: new Map(),
};
const MAX_RECENT = 4096;

/** The 32 bytes that BLS keys sign, judged alike by nodes and by the L2. */
export function consensusMessage(
  networkId: Uint8Array,
  kind: Kind,
  epoch: number,
  slot: bigint,
  payloadHash: Uint8Array,
): Uint8Array {
  const id = bytesKey(payloadHash);
  const known = recent[kind].get(id);
  if (known?.epoch === epoch && known.slot === slot && equalBytes(known.networkId, networkId)) {
    return known.message;
  }
  const message = keccak_256(encodeMessage(networkId, kind, epoch, slot, payloadHash));
  if (recent[kind].size >= MAX_RECENT) recent[kind].clear();
  recent[kind].set(id, { networkId, epoch, slot, message });
  return message;
}

/** abi.encode(CONSENSUS_TYPEHASH, networkId, kind, epoch, slot, payloadHash): every field is one word. */
function encodeMessage(
  networkId: Uint8Array,
  kind: Kind,
  epoch: number,
  slot: bigint,
  payloadHash: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(WORDS * WORD);
  const words = new DataView(out.buffer);
  out.set(TYPEHASH);
  out.set(networkId, WORD);
  out[3 * WORD - 1] = kind;
  words.setBigUint64(4 * WORD - 8, BigInt(epoch));
  words.setBigUint64(5 * WORD - 16, slot >> 64n);
  words.setBigUint64(5 * WORD - 8, slot & 0xffffffffffffffffn);
  out.set(payloadHash, 5 * WORD);
  return out;
}

export function headerSlot(round: number): bigint {
  return BigInt(round);
}

/** (round, author) in one word: round · 2^32 + author. */
export function voteSlot(round: number, author: number): bigint {
  return (BigInt(round) << 32n) | BigInt(author);
}

export function attestationSlot(index: number): bigint {
  return BigInt(index);
}

export const SETTLEMENT_SLOT = 0n;

/** Of headers that are in memory. A header is never changed once it has a digest: what differs is another object. */
const headerDigests = new WeakMap<Header, { networkId: Uint8Array; digest: Uint8Array }>();

/** Names a header and its certificate: the vote set is not part of it. */
export function headerDigest(networkId: Uint8Array, header: Header): Uint8Array {
  const known = headerDigests.get(header);
  if (known && equalBytes(known.networkId, networkId)) return known.digest;
  const digest = sszDigest("header", networkId, Header, header);
  headerDigests.set(header, { networkId, digest });
  return digest;
}

export function headerMessage(networkId: Uint8Array, header: Header, digest: Uint8Array): Uint8Array {
  return consensusMessage(networkId, KIND.header, header.epoch, headerSlot(header.round), digest);
}

export function voteMessage(
  networkId: Uint8Array,
  vote: { epoch: number; round: number; author: number; digest: Uint8Array },
): Uint8Array {
  return consensusMessage(networkId, KIND.vote, vote.epoch, voteSlot(vote.round, vote.author), vote.digest);
}

export function attestationMessage(networkId: Uint8Array, data: AttestationData): Uint8Array {
  const payload = sszDigest("attestation", networkId, AttestationData, data);
  return consensusMessage(networkId, KIND.attestation, data.epoch, attestationSlot(data.index), payload);
}

/** `settlementHash`: digests/settlement.ts `settlementDigest`. */
export function settlementMessage(
  networkId: Uint8Array,
  epoch: number,
  settlementHash: Uint8Array,
): Uint8Array {
  return consensusMessage(networkId, KIND.settlement, epoch, SETTLEMENT_SLOT, settlementHash);
}

function u64(value: number): Uint8Array {
  const out = new Uint8Array(8);
  for (let at = 0, left = value; at < 8; at++, left = Math.floor(left / 256)) out[at] = left;
  return out;
}

/** The round-0 certificate of a member: derived from the settlement certificate (or the genesis) that opened the epoch. */
export function genesisCertificateDigest(
  networkId: Uint8Array,
  epoch: number,
  opening: Uint8Array,
  nodeId: number,
): Uint8Array {
  return taggedDigest("genesis-certificate", networkId, concat([u64(epoch), opening, u64(nodeId)]));
}

/** What the author of a header of an anchor round signs; the anchor's folds into the seed. Unique per (seed, epoch, round), so it cannot be ground (DESIGN §6 Beacon). */
export function beaconMessage(
  networkId: Uint8Array,
  seed: Uint8Array,
  epoch: number,
  round: number,
): Uint8Array {
  return taggedDigest("beacon", networkId, concat([seed, u64(epoch), u64(round)]));
}

/** seed' = H(seed ‖ signature). */
export function foldBeacon(networkId: Uint8Array, seed: Uint8Array, signature: Uint8Array): Uint8Array {
  return taggedDigest("beacon-fold", networkId, concat([seed, signature]));
}

/** H(seed ‖ nodeId): lowest wins committee seats and posting ranks. `purpose` keeps the draws apart. */
export function drawRank(
  networkId: Uint8Array,
  purpose: "committee" | "poster" | "leader" | "schedule" | "ring",
  seed: Uint8Array,
  value: number,
): Uint8Array {
  return taggedDigest(`draw-${purpose}`, networkId, concat([seed, u64(value)]));
}

function concat(parts: Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
