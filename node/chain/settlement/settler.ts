import type { ConsensusVerifier } from "#node/interface/crypto.ts";
import { settlementMessage } from "#protocol/digests/consensus.ts";
import { settlementDigest } from "#protocol/digests/settlement.ts";
import { equalBytes } from "#protocol/types/codec.ts";
import { memberIndex } from "#protocol/types/committee.ts";
import type { SettlementShare } from "#protocol/types/consensus.ts";
import type { SettlementCertificate } from "#protocol/types/settlement.ts";
import { QuorumCollector } from "../attestation/quorum.ts";
import { assertValidSettlementCertificate } from "./certificate.ts";
import type { ClosedRecord } from "./closed-record.ts";

/** The closed epoch whose certificate is still wanted. */
interface Open {
  record: ClosedRecord;
  digest: Uint8Array;
  own: SettlementShare | undefined;
  quorum: QuorumCollector;
}

export interface SettlerOptions {
  networkId: Uint8Array;
  verifier: ConsensusVerifier;
  rejected(reason: string, node: number): void;
  /** A valid certificate that a peer assembled. @throws to refuse it */
  heard(certificate: SettlementCertificate): void;
  /** Puts a valid certificate of the open epoch, assembled here or accepted from a peer, on disk. */
  persist(certificate: SettlementCertificate): Promise<void>;
  /** It is on disk, and nothing waits any more. */
  settled(certificate: SettlementCertificate, record: ClosedRecord): void;
}

/** Early shares kept per node. */
const MAX_EARLY = 512;

/** EPO-SETTLE: gathers the shares of the epoch that closed last until it has its settlement certificate (DESIGN §6 Handover). */
export class Settler {
  #options: SettlerOptions;
  #open: Open | undefined;
  #settling: Promise<void> | undefined;
  #early = new Map<number, SettlementShare>();

  constructor(options: SettlerOptions) {
    this.#options = options;
  }

  /** The epoch that waits for its certificate, our share of it and whom to send it to. */
  waiting():
    | { epoch: number; own: SettlementShare | undefined; audience: Set<number>; record: ClosedRecord }
    | undefined {
    if (!this.#open) return undefined;
    const { record, own } = this.#open;
    const audience = [...record.committee.members, ...record.nextCommittee.members].map((m) => m.nodeId);
    return { epoch: record.settlement.epoch, own, audience: new Set(audience), record };
  }

  async closed(record: ClosedRecord, own: SettlementShare | undefined): Promise<void> {
    const { networkId, verifier, rejected } = this.#options;
    const digest = settlementDigest(record.settlement);
    const message = settlementMessage(networkId, record.settlement.epoch, digest);
    const quorum = new QuorumCollector(record.committee, message, verifier, (node) =>
      rejected("settlement_share_signature", node),
    );
    this.#open = { record, digest, own, quorum };
    if (own) quorum.add(own.node, own.signature, true);
    const early = [...this.#early.values()];
    this.#early.clear();
    for (const share of early) this.#apply(this.#open, share);
    await this.#assemble();
  }

  /** A hostile share that came from the peer `from`. */
  async add(share: SettlementShare, from: number): Promise<void> {
    if (share.node !== from) {
      this.#options.rejected("settlement_share_sender", from);
      return;
    }
    const open = this.#open;
    if (!open || share.epoch > open.record.settlement.epoch) {
      if (this.#early.size < MAX_EARLY || this.#early.has(from)) this.#early.set(from, share);
      return;
    }
    // the sender repeats until it has the certificate: a late one is no offence
    if (share.epoch < open.record.settlement.epoch) return;
    this.#apply(open, share);
    await this.#assemble();
  }

  /**
   * A hostile certificate. Ignored unless it is the one that is wanted.
   * @throws the codes of `assertValidSettlementCertificate`
   */
  async accept(certificate: SettlementCertificate): Promise<void> {
    const open = this.#open;
    if (!open) return;
    const { networkId, verifier } = this.#options;
    assertValidSettlementCertificate(networkId, verifier, open.record, certificate);
    this.#options.heard(certificate);
    await this.#finish(open, certificate);
  }

  #apply(open: Open, share: SettlementShare): void {
    if (share.epoch !== open.record.settlement.epoch) return;
    if (memberIndex(open.record.committee, share.node) < 0) {
      this.#options.rejected("settlement_share_stranger", share.node);
    } else if (!equalBytes(share.digest, open.digest)) {
      this.#options.rejected("settlement_share_mismatch", share.node);
    } else {
      open.quorum.add(share.node, share.signature);
    }
  }

  async #assemble(): Promise<void> {
    const open = this.#open;
    const result = open?.quorum.result();
    if (!open || !result) return;
    const { settlement, committee, nextCommittee } = open.record;
    await this.#finish(open, { settlement, committee, nextCommittee, ...result });
  }

  async #finish(open: Open, certificate: SettlementCertificate): Promise<void> {
    if (this.#open !== open) return;
    this.#settling ??= this.#options.persist(certificate).then(() => {
      this.#open = undefined;
      this.#settling = undefined;
      this.#options.settled(certificate, open.record);
    });
    await this.#settling;
  }
}
