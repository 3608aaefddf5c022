import { tagged } from "#node/chain/channel-mux.ts";
import { BATCH_TAG } from "#node/chain/narwhal/worker.ts";
import { MESSAGE_TAG } from "#node/chain/sync/wire.ts";
import { TAG } from "#node/consensus/wire.ts";
import type { EpochConsensusOptions } from "#node/interface/consensus.ts";
import type { Channel, Network, PeerRecord } from "#node/interface/network.ts";
import { attestationMessage, headerDigest, voteMessage } from "#protocol/digests/consensus.ts";
import { SignedAttestation, SignedHeader, Vote } from "#protocol/types/consensus.ts";
import type { Rng } from "#scripts/bench/support/rng.ts";
import { Liar } from "./liar.ts";
import { Twins } from "./twins.ts";

export const MISDEEDS = [
  "equivocation",
  "withholding",
  "voteSplitting",
  "silentLeader",
  "forgedVote",
  "falseAttestation",
  "falseAnswer",
] as const;
export type Misdeed = (typeof MISDEEDS)[number];

/** A request to it is never answered. */
const NOBODY = 0xffff;

type Handler = (from: number, message: Uint8Array) => void | Promise<void>;

/**
 * The network of a Byzantine node: the production node inside is honest, and what leaves it and comes to it is bent
 * here. It has the node's key, so that it can sign whatever it likes.
 */
export class ByzantineNetwork implements Network {
  readonly self: number;
  /** what it does now */
  readonly misdeeds = new Set<Misdeed>();
  /** from whom it withholds */
  victims: ReadonlySet<number> = new Set();
  #inner: Network;
  #rng: Rng;
  #committed: (misdeed: Misdeed) => void;
  #epoch: EpochConsensusOptions | undefined;
  #twins: Twins | undefined;
  #liar: Liar;

  constructor(inner: Network, rng: Rng, committed: (misdeed: Misdeed) => void) {
    this.self = inner.self;
    this.#inner = inner;
    this.#rng = rng;
    this.#liar = new Liar(rng);
    this.#committed = committed;
  }

  /** The epoch that the node takes part in now. */
  enter(epoch: EpochConsensusOptions): void {
    this.#epoch = epoch;
    this.#twins = new Twins(epoch, this.#rng);
  }

  setPeers(peers: readonly PeerRecord[]): void {
    this.#inner.setPeers(peers);
  }

  connected(): number[] {
    return this.#inner.connected();
  }

  onConnect(handler: (nodeId: number) => void): void {
    this.#inner.onConnect(handler);
  }

  send(to: number, channel: Channel, message: Uint8Array): boolean {
    for (const bent of channel === "consensus" ? this.#bend(to, message) : [message]) {
      this.#inner.send(to, channel, bent);
    }
    return true;
  }

  async request(
    to: number,
    channel: Channel,
    message: Uint8Array,
    options: { timeoutMs: number; signal?: AbortSignal },
  ): Promise<Uint8Array> {
    if (channel === "batch" && message[0] === BATCH_TAG.store && this.#withholds(to)) {
      return this.#inner.request(NOBODY, channel, message, options);
    }
    return this.#inner.request(to, channel, message, options);
  }

  onMessage(channel: Channel, handler: Handler): void {
    this.#inner.onMessage(channel, async (from, message) => {
      if (channel === "consensus" && this.#intercepts(from, message)) return;
      await handler(from, message);
    });
  }

  onRequest(channel: Channel, handler: (from: number, message: Uint8Array) => Promise<Uint8Array>): void {
    this.#inner.onRequest(channel, async (from, message) => {
      if (this.#withholds(from)) return new Promise(() => undefined);
      const answer = await handler(from, message);
      return this.#lies(channel, message) ? this.#liar.answer(channel, message[0], answer) : answer;
    });
  }

  /** To those who catch up, and not each time: what is false may come after what is true. */
  #lies(channel: Channel, question: Uint8Array): boolean {
    const lies =
      this.misdeeds.has("falseAnswer") && Liar.answers(channel, question[0]) && this.#rng.chance(0.7);
    if (lies) this.#committed("falseAnswer");
    return lies;
  }

  #withholds(peer: number): boolean {
    if (!this.misdeeds.has("withholding") || !this.victims.has(peer)) return false;
    this.#committed("withholding");
    return true;
  }

  /** What goes out in place of an honest message. */
  #bend(to: number, message: Uint8Array): Uint8Array[] {
    switch (message[0]) {
      case TAG.header:
        return this.#bendHeader(to, message);
      case TAG.vote:
        return this.misdeeds.has("forgedVote") ? [this.#forgeVote(message)] : [message];
      case TAG.certificate:
        return this.#withholds(to) ? [] : [message];
      case MESSAGE_TAG.attestation:
        return this.misdeeds.has("falseAttestation") ? [this.#falseAttestation(message)] : [message];
      default:
        return [message];
    }
  }

  #bendHeader(to: number, message: Uint8Array): Uint8Array[] {
    if (!this.#twins || this.misdeeds.size === 0) return [message];
    const signed = SignedHeader.deserialize(message.subarray(1));
    if (this.misdeeds.has("silentLeader") && signed.header.beacon.length > 0) {
      this.#committed("silentLeader");
      return [];
    }
    if (!this.misdeeds.has("equivocation")) return [message];
    const { twin, isNew } = this.#twins.of(signed);
    if (isNew) this.#committed("equivocation");
    const choice = this.#twins.choice(to);
    return [...(choice === "twin" ? [] : [message]), ...(choice === "honest" ? [] : [twin])];
  }

  #forgeVote(message: Uint8Array): Uint8Array {
    this.#committed("forgedVote");
    const forged = new Uint8Array(message);
    const last = forged.length - 96;
    forged[last] = (forged[last] ?? 0) ^ 1;
    return forged;
  }

  #falseAttestation(message: Uint8Array): Uint8Array {
    if (!this.#epoch) return message;
    this.#committed("falseAttestation");
    const { data, node } = SignedAttestation.deserialize(message.subarray(1));
    const other = { ...data, stateRoot: data.stateRoot.map((byte) => byte ^ 0xff) };
    const signature = this.#epoch.signer.sign(attestationMessage(this.#epoch.context.networkId, other));
    return tagged(MESSAGE_TAG.attestation, SignedAttestation.serialize({ data: other, node, signature }));
  }

  /** True when the message is not for the honest node inside. */
  #intercepts(from: number, message: Uint8Array): boolean {
    if (message[0] === TAG.header && this.misdeeds.has("voteSplitting")) this.#voteFor(from, message);
    if (message[0] !== TAG.vote || !this.#twins) return false;
    const { taken, certificate } = this.#twins.vote(Vote.deserialize(message.subarray(1)));
    if (certificate) {
      for (const { nodeId } of this.#epoch?.committee.members ?? []) {
        if (nodeId !== this.self && !this.#withholds(nodeId))
          this.#inner.send(nodeId, "consensus", certificate);
      }
    }
    return taken;
  }

  /** Votes for whatever it is shown, twice in a slot as well. */
  #voteFor(author: number, message: Uint8Array): void {
    if (!this.#epoch) return;
    const { context, signer, committee } = this.#epoch;
    const { header } = SignedHeader.deserialize(message.subarray(1));
    if (header.epoch !== committee.epoch || header.author !== author) return;
    this.#committed("voteSplitting");
    const digest = headerDigest(context.networkId, header);
    const slot = { epoch: header.epoch, round: header.round, author, digest };
    const signature = signer.sign(voteMessage(context.networkId, slot));
    const vote = Vote.serialize({ ...slot, voter: this.self, signature });
    this.#inner.send(author, "consensus", tagged(TAG.vote, vote));
  }
}
