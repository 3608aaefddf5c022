import { BitArray } from "@chainsafe/ssz";
import { tagged } from "#node/chain/channel-mux.ts";
import { TAG } from "#node/consensus/wire.ts";
import type { EpochConsensusOptions } from "#node/interface/consensus.ts";
import { headerDigest, headerMessage, voteMessage } from "#protocol/digests/consensus.ts";
import { equalBytes } from "#protocol/types/codec.ts";
import { memberIndex, quorumPower } from "#protocol/types/committee.ts";
import { Certificate, SignedHeader, type Vote } from "#protocol/types/consensus.ts";
import type { Rng } from "#scripts/bench/support/rng.ts";

/** Who is shown what of an equivocation. */
type Choice = "honest" | "twin" | "both";

/** The second header of an equivocator in the round that it is in, the votes for it, and its certificate. */
export class Twins {
  #epoch: EpochConsensusOptions;
  #rng: Rng;
  #round = 0;
  #signed: SignedHeader | undefined;
  #digest: Uint8Array = new Uint8Array(32);
  #message: Uint8Array = new Uint8Array(0);
  #votes = new Map<number, Uint8Array>();
  #choices = new Map<number, Choice>();
  #certified = false;

  constructor(epoch: EpochConsensusOptions, rng: Rng) {
    this.#epoch = epoch;
    this.#rng = rng;
  }

  /** The twin of an own header, as a message. */
  of(honest: SignedHeader): { twin: Uint8Array; isNew: boolean } {
    const { round } = honest.header;
    if (this.#signed && this.#round === round) return { twin: this.#message, isNew: false };
    const { context, signer, self } = this.#epoch;
    const { networkId } = context;
    const payload = this.#rng.chance(0.5) ? [] : honest.header.payload;
    const header = { ...honest.header, createdAt: honest.header.createdAt + 1, payload };
    this.#digest = headerDigest(networkId, header);
    this.#signed = { header, signature: signer.sign(headerMessage(networkId, header, this.#digest)) };
    this.#message = tagged(TAG.header, SignedHeader.serialize(this.#signed));
    this.#round = round;
    this.#certified = false;
    this.#choices.clear();
    this.#votes.clear();
    const slot = { epoch: header.epoch, round, author: self, digest: this.#digest };
    this.#votes.set(self, signer.sign(voteMessage(networkId, slot)));
    return { twin: this.#message, isNew: true };
  }

  choice(peer: number): Choice {
    const known = this.#choices.get(peer);
    if (known) return known;
    const draw = this.#rng.next();
    const made = draw < 0.45 ? "honest" : draw < 0.9 ? "twin" : "both";
    this.#choices.set(peer, made);
    return made;
  }

  /** `taken`: the vote is for the twin. `certificate`: a message, once a quorum has voted for it. */
  vote(vote: Vote): { taken: boolean; certificate?: Uint8Array } {
    if (!this.#signed || vote.round !== this.#round || !equalBytes(vote.digest, this.#digest)) {
      return { taken: false };
    }
    this.#votes.set(vote.voter, vote.signature);
    const { committee, verifier } = this.#epoch;
    const voters = committee.members.filter(({ nodeId }) => this.#votes.has(nodeId));
    const power = voters.reduce((sum, member) => sum + member.power, 0);
    if (this.#certified || power < quorumPower(committee)) return { taken: true };
    this.#certified = true;
    const signers = BitArray.fromBitLen(committee.members.length);
    for (const { nodeId } of voters) signers.set(memberIndex(committee, nodeId), true);
    const signature = verifier.aggregate(voters.map(({ nodeId }) => this.#votes.get(nodeId) as Uint8Array));
    const certificate = Certificate.serialize({ header: this.#signed, signers, signature });
    return { taken: true, certificate: tagged(TAG.certificate, certificate) };
  }
}
