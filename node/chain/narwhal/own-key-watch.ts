import { checkCertificate } from "#node/consensus/certificates.ts";
import type { EpochRules } from "#node/consensus/header.ts";
import type { PeerMessage } from "#node/consensus/wire.ts";
import type { SigningGuard } from "#node/interface/consensus.ts";
import {
  headerDigest,
  headerMessage,
  headerSlot,
  KIND,
  type Kind,
  voteMessage,
  voteSlot,
} from "#protocol/digests/consensus.ts";
import { isFlkError } from "#protocol/errors/error.ts";
import type { Certificate, Header } from "#protocol/types/consensus.ts";
import { doppelgangerError } from "../protection/doppelganger.ts";

/**
 * Finds signatures of our own key, in what peers send, that our records do not explain (PROT-7). What seems to be one is verified
 * before it counts: nobody else can make us stop.
 */
export class OwnKeyWatch {
  #rules: EpochRules;
  #self: number;
  #guard: SigningGuard;
  #seat: number;

  constructor(rules: EpochRules, self: number, guard: SigningGuard) {
    this.#rules = rules;
    this.#self = self;
    this.#guard = guard;
    this.#seat = rules.committee.indexOf(self);
  }

  /** @throws ERR_DOPPELGANGER */
  inspect(message: PeerMessage): void {
    const { networkId } = this.#rules;
    switch (message.type) {
      case "certificate":
        this.certificate(message.certificate, false);
        return;
      case "header": {
        const { header, signature } = message.signed;
        if (header.author !== this.#self || header.epoch !== this.#rules.committee.epoch) return;
        const digest = headerDigest(networkId, header);
        const signed = headerMessage(networkId, header, digest);
        this.#judge(KIND.header, headerSlot(header.round), digest, () => this.#verifies(signed, signature));
        return;
      }
      case "vote": {
        const { epoch, round, author, digest, voter, signature } = message.vote;
        if (voter !== this.#self || epoch !== this.#rules.committee.epoch) return;
        const signed = voteMessage(networkId, message.vote);
        this.#judge(KIND.vote, voteSlot(round, author), digest, () => this.#verifies(signed, signature));
      }
    }
  }

  /** `verified`: it comes from our own disk. @throws ERR_DOPPELGANGER */
  certificate(certificate: Certificate, verified: boolean): void {
    const { header } = certificate.header;
    const { committee, networkId } = this.#rules;
    if (header.epoch !== committee.epoch) return;
    const made = header.author === this.#self;
    const voted = certificate.signers.bitLen === committee.size && certificate.signers.get(this.#seat);
    if (!made && !voted) return;
    const digest = headerDigest(networkId, header);
    const valid = () => verified || this.#isValid(certificate, digest);
    if (made) this.#judge(KIND.header, headerSlot(header.round), digest, valid);
    if (voted) this.#judge(KIND.vote, slotOfVote(header), digest, valid);
  }

  #judge(kind: Kind, slot: bigint, payloadHash: Uint8Array, valid: () => boolean): void {
    const { epoch } = this.#rules.committee;
    if (this.#guard.isUnrecorded(kind, epoch, slot, payloadHash) && valid())
      throw doppelgangerError(kind, epoch, slot);
  }

  #verifies(message: Uint8Array, signature: Uint8Array): boolean {
    const { committee, verifier } = this.#rules;
    const key = committee.keyOf(this.#self);
    return key !== undefined && verifier.verify(key, message, signature);
  }

  /** 2f+1 votes say that our key signed the header: honest members checked that. */
  #isValid(certificate: Certificate, digest: Uint8Array): boolean {
    try {
      checkCertificate(this.#rules, certificate, digest);
      return true;
    } catch (error) {
      if (!isFlkError(error)) throw error;
      return false;
    }
  }
}

function slotOfVote(header: Header): bigint {
  return voteSlot(header.round, header.author);
}
