import { MAX_NODES } from "#protocol/params/limits.ts";
import { ObservationRing, ReportRecord, StandingRecord } from "./records.ts";
import { Cell, Table } from "./table.ts";

/** What the state knows of reputation: who observes whom, what was reported in this epoch, and what the last close made of it. */
export class ReputationTables {
  readonly ring: Cell<number[]>;
  readonly reports: Table<ReportRecord>;
  readonly standings: Table<StandingRecord>;

  constructor(tags: { ring: number; peerReports: number; standings: number }) {
    this.ring = new Cell(tags.ring, ObservationRing);
    this.reports = new Table<ReportRecord>(tags.peerReports, ReportRecord, MAX_NODES, (r) =>
      String(r.reporter),
    );
    this.standings = new Table<StandingRecord>(tags.standings, StandingRecord, MAX_NODES, (r) =>
      String(r.node),
    );
  }

  roots(): { ring: Uint8Array; peerReports: Uint8Array; standings: Uint8Array } {
    return { ring: this.ring.root(), peerReports: this.reports.root(), standings: this.standings.root() };
  }
}
