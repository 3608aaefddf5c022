import type { ConsensusVerifier } from "#node/interface/crypto.ts";
import { attestationMessage } from "#protocol/digests/consensus.ts";
import type { FlkError } from "#protocol/errors/error.ts";
import { bytesKey } from "#protocol/types/bytes-key.ts";
import { type Committee, memberIndex, quorumPower } from "#protocol/types/committee.ts";
import {
  AttestationData,
  type CommitCertificate,
  type SignedAttestation,
} from "#protocol/types/consensus.ts";
import { chainError } from "../errors.ts";
import { sameAttestation } from "./certificate.ts";
import { QuorumCollector } from "./quorum.ts";

/** An executed block that waits for its commit certificate. */
export interface UncertifiedBlock {
  height: number;
  data: AttestationData;
  committee: Committee;
  own: SignedAttestation | undefined;
  /** of the clock's `elapsed` */
  executedAt: number;
}

interface Slot extends UncertifiedBlock {
  quorum: QuorumCollector;
  /** members that signed another result, by result */
  dissent: Map<string, Set<number>>;
}

export interface CollectorOptions {
  networkId: Uint8Array;
  verifier: ConsensusVerifier;
  /** as the clock's */
  elapsed(): number;
  certified(height: number, certificate: CommitCertificate): void;
  rejected(reason: string, node: number): void;
  /** BLK-DIVERGED: 2f+1 signed another result than ours */
  diverged(error: FlkError): void;
}

/** Blocks beyond the last executed one for which attestations are kept. */
const AHEAD = 512;
/** Distinct early attestations kept for one block, per committee seat: a forger cannot crowd out the true one alone. */
const EARLY_PER_SEAT = 2;

/** BLK-ATTEST: turns attestations into commit certificates (DESIGN §6). */
export class AttestationCollector {
  #options: CollectorOptions;
  #slots = new Map<string, Slot>();
  #early = new Map<string, SignedAttestation[]>();
  #next = { epoch: 0, index: 0 };

  constructor(options: CollectorOptions) {
    this.#options = options;
  }

  /** Oldest first. */
  waiting(): UncertifiedBlock[] {
    return [...this.#slots.values()].sort((a, b) => a.height - b.height);
  }

  /** The block at `height` was executed here with the result `data`. */
  executed(height: number, committee: Committee, data: AttestationData, own?: SignedAttestation): void {
    this.#next = { epoch: data.epoch, index: data.index + 1 };
    const message = attestationMessage(this.#options.networkId, data);
    const rejected = (node: number) => this.#options.rejected("attestation_signature", node);
    const quorum = new QuorumCollector(committee, message, this.#options.verifier, rejected);
    const executedAt = this.#options.elapsed();
    const id = slotId(data);
    this.#slots.set(id, { height, data, committee, quorum, own, executedAt, dissent: new Map() });
    if (own) quorum.add(own.node, own.signature, true);
    const early = this.#early.get(id) ?? [];
    this.#early.delete(id);
    for (const attestation of early) this.#apply(id, attestation);
    this.#settle(id);
  }

  /** We attest to a block that waits, after all. */
  attested(own: SignedAttestation): void {
    const id = slotId(own.data);
    const slot = this.#slots.get(id);
    if (!slot || !sameAttestation(slot.data, own.data)) return;
    slot.own = own;
    slot.quorum.add(own.node, own.signature, true);
    this.#settle(id);
  }

  /** The block came with its certificate. */
  skipped(data: AttestationData): void {
    this.#next = { epoch: data.epoch, index: data.index + 1 };
    this.#early.delete(slotId(data));
  }

  /** After a restart: the block that comes next. */
  resume(epoch: number, index: number): void {
    this.#next = { epoch, index };
  }

  /** The block got its certificate from a peer. */
  done(data: AttestationData): void {
    this.#slots.delete(slotId(data));
  }

  /** The epoch begins: what is kept for older ones is of no use any more. */
  prune(epoch: number): void {
    this.#next = { epoch, index: 0 };
    for (const [id, early] of this.#early) {
      if ((early[0]?.data.epoch ?? 0) < epoch) this.#early.delete(id);
    }
  }

  /** A hostile attestation; `from` is known when it came straight from a peer. */
  add(attestation: SignedAttestation, committee: Committee, from?: number): void {
    if (from !== undefined && from !== attestation.node) {
      this.#options.rejected("attestation_sender", from);
      return;
    }
    const id = slotId(attestation.data);
    if (this.#slots.has(id)) {
      this.#apply(id, attestation);
      this.#settle(id);
      return;
    }
    const { epoch, index } = attestation.data;
    const ahead = index - (epoch === this.#next.epoch ? this.#next.index : 0);
    if (epoch < this.#next.epoch || epoch > this.#next.epoch + 1 || ahead < 0 || ahead > AHEAD) return;
    if (epoch === committee.epoch && memberIndex(committee, attestation.node) < 0) {
      this.#options.rejected("attestation_stranger", attestation.node);
      return;
    }
    const early = this.#early.get(id) ?? [];
    const mine = early.filter((known) => known.node === attestation.node);
    if (mine.length >= EARLY_PER_SEAT || early.length >= EARLY_PER_SEAT * committee.members.length) return;
    if (mine.some((known) => bytesKey(known.signature) === bytesKey(attestation.signature))) return;
    this.#early.set(id, [...early, attestation]);
  }

  #apply(id: string, attestation: SignedAttestation): void {
    const slot = this.#slots.get(id);
    if (!slot) return;
    if (sameAttestation(slot.data, attestation.data))
      slot.quorum.add(attestation.node, attestation.signature);
    else this.#dissent(slot, attestation);
  }

  #settle(id: string): void {
    const slot = this.#slots.get(id);
    const result = slot?.quorum.result();
    if (!slot || !result) return;
    this.#slots.delete(id);
    this.#options.certified(slot.height, { data: slot.data, ...result });
  }

  #dissent(slot: Slot, attestation: SignedAttestation): void {
    const { networkId, verifier, rejected, diverged } = this.#options;
    const result = bytesKey(AttestationData.serialize(attestation.data));
    const nodes = slot.dissent.get(result) ?? new Set();
    if (nodes.has(attestation.node)) return;
    const member = slot.committee.members[memberIndex(slot.committee, attestation.node)];
    const message = attestationMessage(networkId, attestation.data);
    if (!member || !verifier.verify(member.consensusKey, message, attestation.signature)) {
      rejected("attestation_signature", attestation.node);
      return;
    }
    rejected("attestation_mismatch", attestation.node);
    nodes.add(attestation.node);
    slot.dissent.set(result, nodes);
    const power = slot.committee.members.reduce((sum, m) => (nodes.has(m.nodeId) ? sum + m.power : sum), 0);
    if (power < quorumPower(slot.committee)) return;
    diverged(
      chainError("ERR_STATE_DIVERGED", "2f+1 of the committee attest to another result of a block", {
        epoch: slot.data.epoch,
        index: slot.data.index,
        height: slot.height,
      }),
    );
  }
}

function slotId(data: AttestationData): string {
  return `${data.epoch}/${data.index}`;
}
