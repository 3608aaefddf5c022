import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { measuredNetwork } from "#node/reputation/measured-network.ts";
import { Meter } from "#node/reputation/meter.ts";
import { FlkError } from "#protocol/errors/error.ts";
import { MAX_REPORTED_PEERS } from "#protocol/params/limits.ts";
import { VirtualClock } from "#test/node/chain/support/virtual-clock.ts";
import { FakeNetwork } from "./support/fake-network.ts";

describe("REP-MEASURE: the meter", () => {
  it("reports only peers that it observes and saw something of, ascending, and forgets at the next epoch", () => {
    const meter = new Meter();
    meter.begin([9, 2, 5]);
    for (const node of [9, 2, 7]) meter.request(node, "answered");
    meter.probe(7, 1);
    assert.deepEqual(
      meter.report().map(({ node }) => node),
      [2, 9],
    );
    meter.begin([2]);
    assert.deepEqual(meter.report(), []);
  });

  it("gives medians, rates and counts", () => {
    const meter = new Meter();
    meter.begin([1]);
    for (const ms of [10, 30, 20]) meter.probe(1, ms);
    meter.probe(1, undefined);
    for (const outcome of ["answered", "answered", "failed", "wrong"] as const) meter.request(1, outcome);
    meter.content(1, 10_240, 10);
    assert.deepEqual(meter.report(), [
      {
        node: 1,
        probes: 4,
        reached: 3,
        answered: 2,
        failed: 1,
        wrong: 1,
        latencyUs: 20_000,
        throughput: 1_000,
      },
    ]);
  });

  it("divides by nothing: an answer in less than a ms, and a clock that jumped back", () => {
    const meter = new Meter();
    meter.begin([1]);
    meter.probe(1, 0);
    meter.probe(1, -5_000);
    meter.content(1, 1_024, -5_000);
    const [report] = meter.report();
    assert.equal(report?.latencyUs, 500);
    assert.equal(report?.throughput, 2_000);
  });

  it("stays in the ranges of the transaction whatever happens, and keeps no more than 64 peers and latencies", () => {
    const meter = new Meter();
    meter.begin(Array.from({ length: 100 }, (_, node) => node));
    assert.equal(meter.observed().length, MAX_REPORTED_PEERS);
    for (let i = 0; i < 70_000; i++) meter.probe(3, 1e9);
    for (let i = 0; i < 64; i++) meter.probe(3, 5);
    meter.content(3, Number.MAX_SAFE_INTEGER, 1);
    const [report] = meter.report();
    assert.deepEqual([report?.probes, report?.reached], [32_767, 32_767]);
    assert.deepEqual([report?.latencyUs, report?.throughput], [5_000, 2 ** 26]);
  });
});

describe("REP-MEASURE: probes beside what others make the node ask", () => {
  const seen = (calls: (meter: Meter) => void) => {
    const meter = new Meter();
    meter.begin([1]);
    calls(meter);
    const [report] = meter.report();
    return [report?.probes, report?.reached];
  };
  const times = (count: number, call: () => void): void => {
    for (let i = 0; i < count; i++) call();
  };

  it("any number of answered requests hides no more than half of the probes that were not", () => {
    const probes = (meter: Meter) => times(24, () => meter.probe(1, undefined));
    const requests = (meter: Meter) => times(100_000, () => meter.reach(1, true));
    assert.deepEqual(
      seen((meter) => [requests(meter), probes(meter)]),
      [48, 24],
    );
    assert.deepEqual(seen(requests), [undefined, undefined], "they alone say nothing");
  });

  it("failures past what a report has room for still count", () => {
    const good = (meter: Meter) => times(40_000, () => meter.probe(1, 5));
    const bad = (meter: Meter) => times(40_000, () => meter.probe(1, undefined));
    assert.deepEqual(
      seen((meter) => [good(meter), bad(meter)]),
      [32_767, 16_383],
    );
    const all = (meter: Meter) => times(80_000, () => [meter.probe(1, 5), meter.reach(1, true)]);
    assert.deepEqual(seen(all), [65_534, 65_534]);
  });
});

describe("REP-MEASURE: the network of the rest of the node", () => {
  it("counts answers and silence as reached or not, never as content, and neither refusals nor what we gave up ourselves", async () => {
    const clock = new VirtualClock(0);
    const inner = new FakeNetwork(1, clock);
    const meter = new Meter();
    meter.begin([2]);
    for (let i = 0; i < 3; i++) meter.probe(2, 0);
    const network = measuredNetwork(inner, meter);
    const ask = (signal?: AbortSignal) =>
      network.request(2, "sync", new Uint8Array(), { timeoutMs: 1, ...(signal && { signal }) });
    inner.answer = async () => new Uint8Array(2_048);
    await ask();
    for (const code of ["ERR_REQUEST_TIMEOUT", "ERR_PEER_UNREACHABLE", "ERR_REQUEST_REFUSED"]) {
      inner.answer = async () => {
        throw new FlkError(code, "no");
      };
      await assert.rejects(ask(), { code });
    }
    inner.answer = async () => {
      throw new FlkError("ERR_REQUEST_TIMEOUT", "no");
    };
    await assert.rejects(ask(AbortSignal.abort()));
    const [report] = meter.report();
    assert.deepEqual([report?.probes, report?.reached], [6, 4]);
    assert.deepEqual([report?.answered, report?.failed, report?.wrong], [0, 0, 0]);
    assert.deepEqual([report?.throughput, report?.latencyUs], [0, 500]);
  });
});
