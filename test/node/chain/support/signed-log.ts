import { MESSAGE_TAG } from "#node/chain/sync/wire.ts";
import { TAG } from "#node/consensus/wire.ts";
import type { Store } from "#node/interface/store.ts";
import { decode } from "#protocol/types/codec.ts";
import { SettlementShare, SignedAttestation, SignedHeader, Vote } from "#protocol/types/consensus.ts";
import { toHex } from "#protocol/types/hex.ts";
import type { FakeHub } from "./fake-network.ts";

/**
 * Everything that nodes signed and sent, over all their processes: what differs for one slot, and what came for the first time
 * below a slot that was signed before.
 */
export class SignedLog {
  readonly conflicts: string[] = [];
  readonly lower: string[] = [];
  /** messages by node */
  readonly counts = new Map<number, number>();
  /** highest round of a header, by node */
  readonly headers = new Map<number, number>();
  #sent = new Map<string, string>();
  #highest = new Map<string, number>();

  constructor(hub: FakeHub) {
    hub.observe = (from, _to, channel, message) => {
      if (channel === "consensus") this.#see(from, message[0] ?? 0, message.subarray(1));
    };
  }

  #see(from: number, tag: number, body: Uint8Array): void {
    if (tag === TAG.header) {
      const signed = decode(SignedHeader, body);
      this.headers.set(from, Math.max(this.headers.get(from) ?? 0, signed.header.round));
      this.#note(`header of ${from} in ${signed.header.epoch}`, signed.header.round, body, from);
      for (const one of signed.header.attestations) this.#attestation(one);
    } else if (tag === TAG.vote) {
      const { epoch, round, author } = decode(Vote, body);
      this.#note(`vote of ${from} for ${author} in ${epoch}`, round, body, from);
    } else if (tag === MESSAGE_TAG.attestation) {
      this.#attestation(decode(SignedAttestation, body));
    } else if (tag === MESSAGE_TAG.settlementShare) {
      const { epoch } = decode(SettlementShare, body);
      this.#note(`share of ${from} of ${epoch}`, 0, body, from);
    }
  }

  #attestation(signed: SignedAttestation): void {
    const { data, node } = signed;
    this.#note(
      `attestation of ${node} in ${data.epoch}`,
      data.index,
      SignedAttestation.serialize(signed),
      node,
    );
  }

  #note(lane: string, slot: number, bytes: Uint8Array, from: number): void {
    this.counts.set(from, (this.counts.get(from) ?? 0) + 1);
    const at = `${lane}, ${slot}`;
    const before = this.#sent.get(at);
    const highest = this.#highest.get(lane) ?? -1;
    if (before !== undefined && before !== toHex(bytes)) this.conflicts.push(at);
    if (before === undefined && slot < highest) this.lower.push(at);
    this.#sent.set(at, toHex(bytes));
    this.#highest.set(lane, Math.max(highest, slot));
  }
}

/** Keys of the records of what was signed, without the floor and the like. */
export async function signedRecords(store: Store): Promise<string[]> {
  const keys: string[] = [];
  for await (const [key] of store.iterate("protection", { lt: Uint8Array.of(0xf0) })) keys.push(toHex(key));
  return keys;
}
