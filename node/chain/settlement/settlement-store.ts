import { key } from "#node/consensus/records.ts";
import type { Store, Write } from "#node/interface/store.ts";
import { EpochReport, SettlementCertificate } from "#protocol/types/settlement.ts";
import { ClosedRecord } from "./closed-record.ts";

/** Namespace "settlement": closed epochs as we computed them, their reports and certificates. */
export class SettlementStore {
  #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  closedWrites(record: ClosedRecord, report: EpochReport): Write[] {
    const { epoch } = record.settlement;
    return [
      { namespace: "settlement", key: key("o", epoch), value: ClosedRecord.serialize(record) },
      { namespace: "settlement", key: key("r", epoch), value: EpochReport.serialize(report) },
    ];
  }

  async closed(epoch: number): Promise<ClosedRecord | undefined> {
    const bytes = await this.#store.get("settlement", key("o", epoch));
    return bytes && ClosedRecord.deserialize(bytes);
  }

  async report(epoch: number): Promise<EpochReport | undefined> {
    const bytes = await this.#store.get("settlement", key("r", epoch));
    return bytes && EpochReport.deserialize(bytes);
  }

  certificateBytes(epoch: number): Promise<Uint8Array | undefined> {
    return this.#store.get("settlement", key("c", epoch));
  }

  async certificate(epoch: number): Promise<SettlementCertificate | undefined> {
    const bytes = await this.certificateBytes(epoch);
    return bytes && SettlementCertificate.deserialize(bytes);
  }

  async putCertificate(certificate: SettlementCertificate): Promise<void> {
    const value = SettlementCertificate.serialize(certificate);
    await this.#store.write([
      { namespace: "settlement", key: key("c", certificate.settlement.epoch), value },
    ]);
  }
}
