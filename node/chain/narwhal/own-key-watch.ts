import { checkCertificate } from "#node/consensus/certificates.ts";
import { consensusError } from "#node/consensus/errors.ts";
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
import type { Certificate } from "#protocol/types/consensus.ts";
import { doppelgangerError } from "../protection/doppelganger.ts";

/**
 * Finds signatures of our own key, in what peers send, that our records do not explain (PROT-7). What seems to be one is verified
 * before it counts: nobody else can make us stop. One that does not verify is the fault of who sent it: honest peers checked.
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

  /** @throws ERR_DOPPELGANGER; what the peer is to blame for: ERR_HEADER_SIGNATURE, ERR_VOTE_SIGNATURE, ERR_CERTIFICATE_* */
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
        this.#judge(KIND.header, headerSlot(header.round), digest, () =>
          this.#assertSigned("ERR_HEADER_SIGNATURE", signed, signature),
        );
        return;
      }
      case "vote": {
        const { epoch, round, author, digest, voter, signature } = message.vote;
        if (voter !== this.#self || epoch !== this.#rules.committee.epoch) return;
        const signed = voteMessage(networkId, message.vote);
        this.#judge(KIND.vote, voteSlot(round, author), digest, () =>
          this.#assertSigned("ERR_VOTE_SIGNATURE", signed, signature),
        );
      }
    }
  }

  /** `verified`: it comes from our own disk. @throws ERR_DOPPELGANGER, ERR_CERTIFICATE_* */
  certificate(certificate: Certificate, verified: boolean): void {
    const { header } = certificate.header;
    const { committee, networkId } = this.#rules;
    if (header.epoch !== committee.epoch) return;
    const made = header.author === this.#self;
    const voted = certificate.signers.bitLen === committee.size && certificate.signers.get(this.#seat);
    if (!made && !voted) return;
    const digest = headerDigest(networkId, header);
    // 2f+1 votes say that our key signed the header: honest members checked that
    const check = () => {
      if (!verified) checkCertificate(this.#rules, certificate, digest);
    };
    if (made) this.#judge(KIND.header, headerSlot(header.round), digest, check);
    if (voted) this.#judge(KIND.vote, voteSlot(header.round, header.author), digest, check);
  }

  /** `check` throws when it was not our key. */
  #judge(kind: Kind, slot: bigint, payloadHash: Uint8Array, check: () => void): void {
    const { epoch } = this.#rules.committee;
    if (!this.#guard.isUnrecorded(kind, epoch, slot, payloadHash)) return;
    check();
    throw doppelgangerError(kind, epoch, slot);
  }

  #assertSigned(
    code: "ERR_HEADER_SIGNATURE" | "ERR_VOTE_SIGNATURE",
    message: Uint8Array,
    signature: Uint8Array,
  ): void {
    const { committee, verifier } = this.#rules;
    const key = committee.keyOf(this.#self);
    if (key && verifier.verify(key, message, signature)) return;
    throw consensusError(code, "a signature in our name that is not ours");
  }
}

export function epochOf(message: PeerMessage): number {
  switch (message.type) {
    case "header":
      return message.signed.header.epoch;
    case "vote":
      return message.vote.epoch;
    case "certificate":
      return message.certificate.header.header.epoch;
  }
}
