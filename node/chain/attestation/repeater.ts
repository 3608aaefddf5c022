import type { Clock } from "#node/interface/clock.ts";
import { SettlementShare, SignedAttestation } from "#protocol/types/consensus.ts";
import type { ChannelMux } from "../channel-mux.ts";
import type { Settler } from "../settlement/settler.ts";
import { MESSAGE_TAG } from "../sync/wire.ts";
import type { AttestationCollector } from "./collector.ts";

export interface RepeaterOptions {
  self: number;
  /** of channel "consensus" */
  mux: ChannelMux;
  clock: Clock;
  collector: AttestationCollector;
  settler: Settler;
  /** the current one */
  epoch(): number;
}

/** Headers carry attestations; what has no certificate after this time is sent directly, too (ms). */
const DIRECT_AFTER_MS = 1_500;
const MAX_PER_ROUND = 64;

/**
 * BLK-ATTEST, EPO-SETTLE: sends again what others need from us and what cannot be lost: attestations (at once when their epoch has closed, as no
 * header can carry them) and our settlement share, to old and new members, until the certificate is there.
 */
export class Repeater {
  #options: RepeaterOptions;

  constructor(options: RepeaterOptions) {
    this.#options = options;
  }

  round(): void {
    const { clock, collector, settler, epoch } = this.#options;
    const settling = settler.waiting();
    let sent = 0;
    for (const { own, data, committee, executedAt } of collector.waiting()) {
      const closed = data.epoch < epoch();
      if (!own || (!closed && clock.elapsed() - executedAt < DIRECT_AFTER_MS)) continue;
      if (++sent > MAX_PER_ROUND) break;
      const members = committee.members.map((member) => member.nodeId);
      const audience = new Set([...members, ...(closed && settling ? settling.audience : [])]);
      this.#send(audience, MESSAGE_TAG.attestation, SignedAttestation.serialize(own));
    }
    if (settling?.own) {
      this.#send(settling.audience, MESSAGE_TAG.settlementShare, SettlementShare.serialize(settling.own));
    }
  }

  #send(audience: Set<number>, tag: number, bytes: Uint8Array): void {
    const { mux, self } = this.#options;
    for (const node of audience) if (node !== self) mux.send(node, tag, bytes);
  }
}
