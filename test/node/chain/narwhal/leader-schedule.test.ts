import assert from "node:assert/strict";
import { test } from "node:test";
import type { OrderCursor } from "#node/consensus/bullshark.ts";
import { COMMITS_PER_SCHEDULE } from "#node/consensus/leader-schedule.ts";
import { decodeCursor, TABLE, tableKey } from "#node/consensus/records.ts";
import type { SimNode } from "#test/simulation/support/sim-node.ts";
import { Simulation } from "#test/simulation/support/simulation.ts";

async function cursorOf(node: SimNode): Promise<OrderCursor> {
  const record = await node.disk.get("consensus", tableKey(TABLE.cursor, 7));
  assert(record);
  return decodeCursor(record).cursor;
}

/** Runs until the node has executed `commits` sub-DAGs. */
async function until(simulation: Simulation, node: SimNode, commits: number): Promise<void> {
  for (let at = 0; at < 400; at++) {
    if ((await node.blocks()).length >= commits) return;
    await simulation.run(500);
  }
  assert.fail("no commits");
}

test("a member that is down stops leading after one schedule, also for members that restart in between", async () => {
  const simulation = new Simulation({ seed: 11, size: 4 });
  const [node, other, third, dead] = simulation.nodes as [SimNode, SimNode, SimNode, SimNode];
  await simulation.start([node, other, third]);
  await until(simulation, node, Math.floor(COMMITS_PER_SCHEDULE / 2));
  node.crash();
  other.crash();
  await simulation.start([node, other]);
  await until(simulation, node, COMMITS_PER_SCHEDULE + 2);
  other.crash();
  await simulation.start([other]);
  await until(simulation, node, 2 * COMMITS_PER_SCHEDULE - 2);
  const { schedule } = await cursorOf(node);
  assert.equal(schedule.number, 1);
  assert.deepEqual(schedule.swappedOut, [dead.id]);
  const rounds = (await node.blocks()).map(({ anchorRound }) => anchorRound);
  const settled = rounds.slice(COMMITS_PER_SCHEDULE);
  assert.deepEqual(
    settled,
    settled.map((_, at) => (settled[0] as number) + 2 * at),
    "no anchor is missing",
  );
  await simulation.check();
  await until(simulation, other, 2 * COMMITS_PER_SCHEDULE - 2);
  for (const peer of [other, third]) {
    const { schedule: theirs, next } = await cursorOf(peer);
    assert.deepEqual(
      [theirs.number, theirs.swappedOut, theirs.swappedIn],
      [schedule.number, schedule.swappedOut, schedule.swappedIn],
      `${next}`,
    );
  }
});
