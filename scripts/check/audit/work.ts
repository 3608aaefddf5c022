import type { AckFacts, Expect, ReportFacts, Snapshot, WorkFacts } from "./snapshot.ts";

/** What was paid of a lane so far. */
export interface Lane {
  units: bigint;
  count: number;
}

/** What was paid, micro-USD, and for what. */
export interface Work {
  units: bigint;
  deliveries: number;
  lanes: number;
  revenue: bigint;
}

type Kind = { epoch: number; node: number; service: number; commodity: number };

/** Work by epoch, node, service and commodity: bytes and ms are never added to each other. */
export class WorkBook {
  readonly #work = new Map<string, Work>();

  add(
    { inEpoch: epoch, node, service, commodity }: AckFacts,
    { units, deliveries, lanes, revenue }: Work,
  ): void {
    const key = keyOf({ epoch, node, service, commodity });
    const known = this.#work.get(key) ?? NONE;
    this.#work.set(key, {
      units: known.units + units,
      deliveries: known.deliveries + deliveries,
      lanes: known.lanes + lanes,
      revenue: known.revenue + revenue,
    });
  }

  /** Each entry of each report is what was paid, and everything that was paid is in a report. */
  compare(s: Snapshot, expect: Expect): void {
    const left = new Map(this.#work);
    const reports = s.nodes[0]?.reports ?? [];
    for (const report of reports) {
      totalsFollow(report, expect);
      for (const { node, work } of report.nodes) {
        for (const item of work) {
          const key = keyOf({ ...item, epoch: report.epoch, node });
          this.#compareOne(item, key, left.get(key) ?? NONE, expect);
          left.delete(key);
        }
      }
    }
    for (const [key, { revenue }] of left)
      if (Number(key.split("/")[0]) < reports.length && revenue > 0n)
        expect("conserved", `${key} (epoch/node/service/commodity): paid and not reported`, revenue, 0n);
  }

  #compareOne(item: WorkFacts, key: string, paid: Work, expect: Expect): void {
    const what = `${key} (epoch/node/service/commodity)`;
    expect("conserved", `${what}: revenue is what was paid for it`, BigInt(item.revenue), paid.revenue);
    expect("conserved", `${what}: units are those paid for`, BigInt(item.units), paid.units);
    expect("conserved", `${what}: deliveries are those paid for`, item.deliveries, paid.deliveries);
    expect("conserved", `${what}: lanes are those paid first`, item.lanes, paid.lanes);
  }
}

const NONE: Work = { units: 0n, deliveries: 0, lanes: 0, revenue: 0n };

function keyOf({ epoch, node, service, commodity }: Kind): string {
  return `${epoch}/${node}/${service}/${commodity}`;
}

function totalsFollow({ epoch, nodes, deliveries, lanes, units }: ReportFacts, expect: Expect): void {
  const work = nodes.flatMap((entry) => entry.work);
  const count = (of: (item: WorkFacts) => number): number => work.reduce((sum, item) => sum + of(item), 0);
  const all = work.reduce((sum, item) => sum + BigInt(item.units), 0n);
  const what = `epoch ${epoch}`;
  expect("conserved", `${what}: units are those of its nodes`, BigInt(units), all);
  expect(
    "conserved",
    `${what}: deliveries are those of its nodes`,
    deliveries,
    count((item) => item.deliveries),
  );
  expect(
    "conserved",
    `${what}: lanes are those of its nodes`,
    lanes,
    count((item) => item.lanes),
  );
}
