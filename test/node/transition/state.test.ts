import assert from "node:assert/strict";
import { test } from "node:test";
import { StateRecord } from "#node/transition/records.ts";
import { State } from "#node/transition/state.ts";
import { foldBeacon } from "#protocol/digests/consensus.ts";
import { networkContext } from "#protocol/digests/network.ts";
import { isFlkError } from "#protocol/errors/error.ts";
import type { ParameterKey } from "#protocol/params/keys.ts";
import { Disk } from "./support/disk.ts";
import { client, World } from "./support/world.ts";

function busyWorld(disk: Disk): World {
  const world = new World();
  disk.save(world.state);
  world.run(world.authorize(client, "s"));
  for (let epoch = 0; epoch < 3; epoch++) {
    const acks = [0, 1, 2].map((lane) => world.ack(client, "s", { lane, units: 5_000n, node: 2 }));
    world.run(world.submitAcks(2, acks));
    disk.save(world.state);
    world.close();
    disk.save(world.state);
  }
  world.run(world.submitAcks(2, [world.ack(client, "s", { units: 1_000n, node: 2 })]));
  disk.save(world.state);
  return world;
}

test("what takeWrites gave loads to the same root, whatever the order of the records", () => {
  const disk = new Disk();
  const { state, network } = busyWorld(disk);
  const loaded = State.load(network, disk.records().reverse());
  assert.deepEqual(loaded.root(), state.root());
  assert.deepEqual(loaded.stateRoot, state.root());
  assert.deepEqual(loaded.blockRoot, state.blockRoot);
  assert.equal(loaded.height, state.height);
  assert.deepEqual(loaded.nodes(), state.nodes());
  assert.deepEqual(loaded.takeWrites(), []);
});

test("a loaded state goes on as the one it came from", () => {
  const disk = new Disk();
  const world = busyWorld(disk);
  const copy = State.load(world.network, disk.records());
  const original = world.state;
  world.run(world.submitAcks(2, [world.ack(client, "s", { units: 9_000n, node: 2 })]));
  world.close();
  world.state = copy;
  for (const block of world.blocks.slice(-2)) assert.deepEqual(world.replay(block), block);
  assert.deepEqual(copy.root(), original.root());
  assert.deepEqual(copy.blockRoot, original.blockRoot);
});

test("the seed that anchors have folded so far survives a restart and goes on from there", () => {
  const disk = new Disk();
  const world = new World();
  disk.save(world.state);
  const beacon = (fill: number) => new Uint8Array(96).fill(fill);
  const folded = [1, 2].reduce(
    (seed, fill) => foldBeacon(world.network.networkId, seed, beacon(fill)),
    world.state.seed,
  );
  world.block({ beacon: beacon(1) });
  disk.save(world.state);
  world.state = State.load(world.network, disk.records());
  world.block({ beacon: beacon(2) });
  assert.deepEqual(world.close({ beacon: beacon(3) }).seed, folded);
});

test("the incremental root is the SSZ root of the whole state", () => {
  const { state } = busyWorld(new Disk());
  const whole = StateRecord.hashTreeRoot({
    meta: state.meta.value,
    committee: state.members.value,
    eligible: state.eligible.value,
    reports: state.reports.value,
    accounts: [...state.accounts.values()],
    sessions: [...state.sessions.values()],
    nodes: [...state.nodeTable.values()],
    services: [...state.serviceTable.values()],
    parameters: [...state.parameters.values()],
    lanes: [...state.lanesOf(state.epoch).values()],
    previousLanes: [...state.lanesOf(state.epoch + 1).values()],
    laneCounts: [...state.laneCountsOf(state.epoch).values()],
    previousLaneCounts: [...state.laneCountsOf(state.epoch + 1).values()],
    work: [...state.work.values()],
    reservations: [...state.reservationsOf(state.epoch).values()],
    previousReservations: [...state.reservationsOf(state.epoch + 1).values()],
    grants: [...state.grants.values()],
    ring: state.reputation.ring.value,
    peerReports: [...state.reputation.reports.values()],
    standings: [...state.reputation.standings.values()],
    delegates: [...state.delegatesOf(state.epoch).values()],
    previousDelegates: [...state.delegatesOf(state.epoch + 1).values()],
  });
  assert.deepEqual(state.root(), whole);
});

test("lanes are forgotten after the epoch in which they can still be paid, on disk too", () => {
  const disk = new Disk();
  const world = busyWorld(disk);
  world.close();
  disk.save(world.state);
  world.close();
  disk.save(world.state);
  world.close();
  disk.save(world.state);
  assert.equal(world.state.lanesOf(0).size + world.state.lanesOf(1).size, 0);
  assert.equal(State.load(world.network, disk.records()).lanesOf(0).size, 0);
  assert.equal(disk.records().filter(([key]) => key[0] === 10 || key[0] === 11).length, 0);
});

test("ERR_STATE_RECORDS for a missing record, a foreign key and two records of one key", () => {
  const disk = new Disk();
  const { network } = busyWorld(disk);
  const records = disk.records();
  const refused = (list: [Uint8Array, Uint8Array][]) =>
    assert.throws(
      () => State.load(network, list),
      (error) => isFlkError(error, "ERR_STATE_RECORDS"),
    );
  refused([]);
  refused(records.filter(([key]) => !(key[0] === 7 && key[4] === 2)));
  refused([...records, [new Uint8Array(3), new Uint8Array()]]);
  const node = records.find(([key]) => key[0] === 7);
  assert.ok(node);
  refused([...records, [Uint8Array.of(7, 0, 0, 0, 6), node[1]]]);
});

test("ERR_STATE_RECORDS for a table that does not exist, and for any byte that changed on disk", () => {
  const disk = new Disk();
  const { network } = busyWorld(disk);
  const records = disk.records();
  const refused = (list: [Uint8Array, Uint8Array][]) =>
    assert.throws(
      () => State.load(network, list),
      (error) => isFlkError(error, "ERR_STATE_RECORDS"),
    );
  refused([...records, [Uint8Array.of(200, 0, 0, 0, 0), new Uint8Array(4)]]);
  for (const [at, [key, value]] of records.entries()) {
    if (value.length === 0) continue;
    // networkId, which opens the meta record, has its own code
    const from = key[0] === 1 ? 32 : 0;
    for (const byte of new Set([from, (from + value.length) >> 1, value.length - 1])) {
      const changed = value.slice();
      changed[byte] = (changed[byte] ?? 0) ^ 1;
      refused(records.with(at, [key, changed]));
    }
    refused(records.with(at, [key, value.subarray(0, -1)]));
  }
});

test("ERR_STATE_NETWORK for the state of another network", () => {
  const disk = new Disk();
  busyWorld(disk);
  assert.throws(
    () => State.load(networkContext(1, "0x00000000000000000000000000000000000000f2"), disk.records()),
    (error) => isFlkError(error, "ERR_STATE_NETWORK"),
  );
});

test("ERR_GENESIS_PARAMETER names what is missing", () => {
  for (const omit of ["minStake", "buybackShareBps"] satisfies ParameterKey[]) {
    assert.throws(
      () => new World({ omit }),
      (error) => isFlkError(error, "ERR_GENESIS_PARAMETER"),
    );
  }
  assert.doesNotThrow(() => new World({ omit: "thawPeriod" }));
});

test("ERR_GENESIS_COMMITTEE when a member is not registered with its key", () => {
  const world = new World();
  const events = world.events.filter(
    (event) => event.type !== "nodeRegistered" && event.type !== "stakeChanged",
  );
  assert.throws(
    () => State.genesis(world.network, world.genesis, events),
    (error) => isFlkError(error, "ERR_GENESIS_COMMITTEE"),
  );
});
