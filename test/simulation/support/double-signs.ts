import { MESSAGE_TAG } from "#node/chain/sync/wire.ts";
import { TAG } from "#node/consensus/wire.ts";
import type { Channel } from "#node/interface/network.ts";
import {
  AttestationData,
  SettlementShare,
  SignedAttestation,
  SignedHeader,
} from "#protocol/types/consensus.ts";
import { textOf } from "#test/node/support/text.ts";

/** Where the fields that name a slot are in the bytes of a message: parsing every copy of it would cost too much. */
const HEADER_AT = 1 + 4 + 96;
const VOTE_AT = 1;
const VOTE_AUTHOR_AT = VOTE_AT + 16;

/** Remembers what honest nodes signed and sent, over crashes: two payloads for one slot would be slashed. */
export class DoubleSigns {
  found: string[] = [];
  headers = 0;
  /** highest round of a header, by epoch */
  readonly rounds = new Map<number, number>();
  /** payload by slot, one character per byte */
  #signed = new Map<string, string>();
  /** messages by sender and slot */
  #votes = new Map<string, string>();
  #judged: (nodeId: number) => boolean;
  /** message that was looked at last: most go to all others */
  #last: Uint8Array | undefined;

  /** `judged`: false for nodes that may sign what they like */
  constructor(judged: (nodeId: number) => boolean = () => true) {
    this.#judged = judged;
  }

  observe(from: number, channel: Channel, message: Uint8Array): void {
    if (channel !== "consensus" || !this.#judged(from)) return;
    if (message[0] === TAG.header) this.headers++;
    if (message === this.#last) return;
    this.#last = message;
    switch (message[0]) {
      case TAG.header:
        this.#header(from, message);
        return;
      case TAG.vote:
        this.#vote(from, message);
        return;
      case MESSAGE_TAG.attestation:
        this.#attestation(from, SignedAttestation.deserialize(message.subarray(1)));
        return;
      case MESSAGE_TAG.settlementShare: {
        const { epoch, digest } = SettlementShare.deserialize(message.subarray(1));
        this.#isNew(`settlement share of ${from}, epoch ${epoch}`, digest);
      }
    }
  }

  #header(from: number, message: Uint8Array): void {
    const epoch = readU64(message, HEADER_AT);
    const round = readU64(message, HEADER_AT + 8);
    if (!this.#isNew(`header of ${from}, epoch ${epoch}, round ${round}`, message)) return;
    this.rounds.set(epoch, Math.max(round, this.rounds.get(epoch) ?? 0));
    const { header } = SignedHeader.deserialize(message.subarray(1));
    for (const attestation of header.attestations) this.#attestation(from, attestation);
  }

  /** There are as many as all others together: their slots are named by the bytes that say them. */
  #vote(from: number, message: Uint8Array): void {
    const now = textOf(message);
    const slot = String.fromCharCode(from) + now.slice(0, VOTE_AUTHOR_AT + 4);
    const before = this.#votes.get(slot);
    if (before === undefined) this.#votes.set(slot, now);
    else if (before !== now) {
      const view = new DataView(message.buffer, message.byteOffset);
      const [epoch, round] = [readU64(message, VOTE_AT), readU64(message, VOTE_AT + 8)];
      const author = view.getUint32(VOTE_AUTHOR_AT, true);
      this.found.push(`vote of ${from}, epoch ${epoch}, round ${round}, author ${author}`);
    }
  }

  #attestation(from: number, { data }: SignedAttestation): void {
    const slot = `attestation of ${from}, epoch ${data.epoch}, index ${data.index}`;
    this.#isNew(slot, AttestationData.serialize(data));
  }

  #isNew(slot: string, bytes: Uint8Array): boolean {
    const before = this.#signed.get(slot);
    const now = textOf(bytes);
    if (before === undefined) this.#signed.set(slot, now);
    else if (before !== now) this.found.push(slot);
    return before === undefined;
  }
}

function readU64(bytes: Uint8Array, at: number): number {
  return Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(at, true));
}
