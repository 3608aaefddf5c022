import {
  attestationMessage,
  attestationSlot,
  KIND,
  SETTLEMENT_SLOT,
  settlementMessage,
} from "#protocol/digests/consensus.ts";
import { settlementDigest } from "#protocol/digests/settlement.ts";
import { type Committee, memberIndex } from "#protocol/types/committee.ts";
import type { CommitCertificate } from "#protocol/types/consensus.ts";
import type { SettlementCertificate } from "#protocol/types/settlement.ts";
import type { Doppelganger } from "./doppelganger.ts";

/** Looks for our own signatures in valid certificates of committees in which one of our keys holds our seat. */
export class OwnShares {
  #guard: Doppelganger;
  #networkId: Uint8Array;
  #self: number;
  #isMember: (committee: Committee) => boolean;

  constructor(
    guard: Doppelganger,
    networkId: Uint8Array,
    self: number,
    isMember: (committee: Committee) => boolean,
  ) {
    this.#guard = guard;
    this.#networkId = networkId;
    this.#self = self;
    this.#isMember = isMember;
  }

  /** @throws ERR_DOPPELGANGER */
  attestation(committee: Committee, { data, signers }: CommitCertificate): void {
    if (!this.#signed(committee, signers)) return;
    const message = attestationMessage(this.#networkId, data);
    this.#guard.assertRecorded(KIND.attestation, data.epoch, attestationSlot(data.index), message);
  }

  /** @throws ERR_DOPPELGANGER */
  settlement({ settlement, committee, signers }: SettlementCertificate): void {
    if (!this.#signed(committee, signers)) return;
    const message = settlementMessage(this.#networkId, settlement.epoch, settlementDigest(settlement));
    this.#guard.assertRecorded(KIND.settlement, settlement.epoch, SETTLEMENT_SLOT, message);
  }

  #signed(committee: Committee, signers: { get(index: number): boolean }): boolean {
    const seat = memberIndex(committee, this.#self);
    return seat >= 0 && signers.get(seat) && this.#isMember(committee);
  }
}
