import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { State } from "#node/transition/state.ts";
import { parsePayload, serializePayload } from "#protocol/digests/transactions.ts";
import { MAX_REPORTED_PEERS, MAX_TRANSACTION_BYTES } from "#protocol/params/limits.ts";
import { SignedTransaction, SubmitReputation, TX } from "#protocol/types/transactions.ts";
import { Disk } from "../support/disk.ts";
import { sessionOf } from "../support/keys.ts";
import { observed, peer, reportOf } from "../support/reputation.ts";
import { FLK, staked, World } from "../support/world.ts";

const OUTSIDER = 3;

/** Changes nothing, not even the bytes that its sender has used: anybody may send it again and again. */
function assertRefused(world: World, transaction: Uint8Array, code: string): void {
  const { standings, reports, ring } = world.state.reputation;
  const roots = () => [standings, reports, ring, world.state.nodeTable].map((table) => table.root());
  const before = roots();
  for (let times = 0; times < 2; times++) assert.equal(world.run(transaction).code, code);
  assert.deepEqual(roots(), before);
}

describe("TRN-REPUTATION", () => {
  it("keeps a report of an observer, once, without a nonce", () => {
    const world = new World();
    assert.equal(world.run(reportOf(world, 1)).code, "OK");
    assert.deepEqual(
      world.state.reputation.reports.get("1")?.peers.map(({ node }) => node),
      [2, 3, 4, 5, 6],
    );
    assert.equal(world.state.node(1)?.nonce, 0);
    assert.equal(world.run(reportOf(world, 2, [])).code, "OK");
  });

  it("ERR_REPORT_REPEATED, also for the same bytes", () => {
    const world = new World();
    const report = reportOf(world, 1);
    world.run(report);
    assertRefused(world, report, "ERR_REPORT_REPEATED");
    assertRefused(world, reportOf(world, 1, []), "ERR_REPORT_REPEATED");
  });

  it("ERR_REPORT_EPOCH: late and early", () => {
    const world = new World();
    world.close();
    assertRefused(world, reportOf(world, 1, [], 0), "ERR_REPORT_EPOCH");
    const early = reportOf(world, 1, [], 2);
    assertRefused(world, early, "ERR_REPORT_EPOCH");
    assert.equal(world.run(reportOf(world, 1, [], 1)).code, "OK");
    world.close();
    assert.equal(world.run(early).code, "OK");
  });

  it("ERR_REPORT_SUBJECT: itself, unknown nodes, and who joined after the ring was drawn", () => {
    const world = new World();
    for (const node of [1, 7, 2 ** 32 - 1]) {
      assertRefused(world, reportOf(world, 1, [peer(node)]), "ERR_REPORT_SUBJECT");
    }
    world.block({ events: [staked(OUTSIDER, 0n)] });
    world.close();
    world.block({ events: [staked(OUTSIDER, 1000n * FLK)] });
    assertRefused(world, reportOf(world, 1, [peer(OUTSIDER)]), "ERR_REPORT_SUBJECT");
    assertRefused(world, reportOf(world, OUTSIDER, [peer(1)]), "ERR_REPORT_SUBJECT");
    assertRefused(world, reportOf(world, OUTSIDER, []), "ERR_REPORT_SUBJECT");
    world.close();
    assertRefused(world, reportOf(world, OUTSIDER, []), "ERR_REPORT_SUBJECT");
    world.close();
    assert.equal(world.run(reportOf(world, OUTSIDER, [peer(1)])).code, "OK");
  });

  it("ERR_REPORT_RANGE: twice, unordered, more answers than probes, impossible measurements", () => {
    const world = new World();
    for (const peers of [
      [peer(2), peer(2)],
      [peer(3), peer(2)],
      [peer(2, { probes: 3, reached: 4 })],
      [peer(2, { latencyUs: 20_000_001 })],
      [peer(2, { throughput: 2 ** 26 + 1 })],
    ]) {
      assertRefused(world, reportOf(world, 1, peers), "ERR_REPORT_RANGE");
    }
    const most = { probes: 65_535, reached: 65_535, answered: 2 ** 32 - 1, failed: 2 ** 32 - 1 };
    const rest = { wrong: 2 ** 32 - 1, latencyUs: 20_000_000, throughput: 2 ** 26 };
    assert.equal(world.run(reportOf(world, 1, [peer(2, { ...most, ...rest })])).code, "OK");
  });

  it("ERR_NODE_NOT_STAKED, ERR_UNKNOWN_NODE and ERR_BAD_SIGNATURE: who is no member, and who only says so", () => {
    const world = new World();
    const body = { node: 99, epoch: 0, peers: [] };
    const unknown = world.nodeTx({ kind: TX.submitReputation, body }, world.node(1).network);
    assertRefused(world, unknown, "ERR_UNKNOWN_NODE");
    const forged = world.nodeTx(
      { kind: TX.submitReputation, body: { ...body, node: 1 } },
      sessionOf("thief"),
    );
    assertRefused(world, forged, "ERR_BAD_SIGNATURE");
    const report = reportOf(world, OUTSIDER);
    world.block({ events: [staked(OUTSIDER, 0n)] });
    assertRefused(world, report, "ERR_NODE_NOT_STAKED");
  });

  it("ERR_TX_MALFORMED and ERR_TX_TOO_LARGE: twice as many entries as there may be, and bytes without end", () => {
    const world = new World();
    const entry = SubmitReputation.serialize({ node: 1, epoch: 0, peers: [peer(2)] });
    const item = entry.subarray(entry.length - 28);
    const payload = Uint8Array.of(
      ...entry.subarray(0, entry.length - 28),
      ...Array.from({ length: 2 * MAX_REPORTED_PEERS }, () => [...item]).flat(),
    );
    const signature = new Uint8Array(64);
    const kind = TX.submitReputation;
    assertRefused(world, SignedTransaction.serialize({ kind, payload, signature }), "ERR_TX_MALFORMED");
    const endless = new Uint8Array(2 * MAX_TRANSACTION_BYTES);
    assertRefused(world, endless, "ERR_TX_TOO_LARGE");
  });

  it("takes what would be no number elsewhere for the whole numbers that its bytes are: refused by range, never thrown", () => {
    const bytesOf = (value: number): Uint8Array => {
      const bytes = new Uint8Array(8);
      new DataView(bytes.buffer).setFloat64(0, value, true);
      return bytes;
    };
    const world = new World();
    const entry = SubmitReputation.serialize({ node: 1, epoch: 0, peers: [peer(2)] });
    const at = entry.length - 28;
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, -1]) {
      const payload = entry.slice();
      // after `node`: probes, reached, answered, failed, wrong, latencyUs, throughput
      for (let field = 4; field + 8 <= 28; field += 8) payload.set(bytesOf(value), at + field);
      const { peers } = SubmitReputation.deserialize(payload);
      assertRefused(world, reportOf(world, 1, peers), "ERR_REPORT_RANGE");
    }
    world.close();
  });

  it("a coalition that reports only on each other: its members gain nothing over those that report on all", () => {
    const world = new World({ nodes: 12 });
    const coalition = [1, 2, 3];
    for (let epoch = 0; epoch < 3; epoch++) {
      const transactions = world.nodes.map(({ nodeId }) =>
        reportOf(
          world,
          nodeId,
          observed(world, nodeId)
            .filter((node) => !coalition.includes(nodeId) || coalition.includes(node))
            .map((node) =>
              // it praises itself; the others see that it serves badly
              peer(node, coalition.includes(node) && !coalition.includes(nodeId) ? { wrong: 40 } : {}),
            ),
        ),
      );
      world.block({ transactions });
      world.close();
    }
    for (const { nodeId } of world.nodes) {
      const score = world.state.node(nodeId)?.reputation ?? 0;
      assert.ok(coalition.includes(nodeId) ? score < 10 : score > 60, `${nodeId}: ${score}`);
    }
  });

  it("a full report is small, and is what it was after a restart", () => {
    const peers = Array.from({ length: MAX_REPORTED_PEERS }, (_, node) => peer(node + 2));
    const tx = { kind: TX.submitReputation, body: { node: 1, epoch: 0, peers } };
    const payload = serializePayload(tx);
    assert.ok(payload.length < 2_048);
    assert.deepEqual(parsePayload(TX.submitReputation, payload), tx);

    const world = new World();
    world.run(reportOf(world, 1));
    const disk = new Disk();
    disk.save(world.state);
    const again = State.load(world.network, disk.records());
    assert.deepEqual(again.reputation.reports.get("1"), world.state.reputation.reports.get("1"));
  });

  it("REP-RING: is of who was staked before the epoch in which its seed was made", () => {
    const world = new World({ nodes: 8 });
    const ringOf = (): Set<number> => new Set(world.state.reputation.ring.value);
    const everyone = ringOf();
    world.block({ events: [staked(7, 0n), staked(8, 0n)] });
    world.close();
    assert.deepEqual([...everyone].filter((node) => !ringOf().has(node)).sort(), [7, 8]);
    // the seed of the next epoch is known by now: 8 is what the coalition would have there
    world.block({ events: [staked(8, 1000n * FLK)] });
    world.close();
    assert.ok(!ringOf().has(8));
    world.close();
    assert.deepEqual([ringOf().has(7), ringOf().has(8)], [false, true]);
  });

  it("REP-RING: everyone in a small network observes everyone else, in a new order each epoch", () => {
    const world = new World();
    const rings = [world.state.reputation.ring.value];
    for (let epoch = 0; epoch < 3; epoch++) {
      world.block();
      world.close();
      rings.push(world.state.reputation.ring.value);
    }
    assert.ok(new Set(rings.map(String)).size > 1);
    for (const { nodeId } of world.nodes) {
      assert.deepEqual(
        observed(world, nodeId),
        [1, 2, 3, 4, 5, 6].filter((other) => other !== nodeId),
      );
    }
  });
});
