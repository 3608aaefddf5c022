import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { CLIENT, OTHER } from "./support/chain.ts";
import { caughtUp, get, startWorld, until, type World } from "./support/world.ts";

const LOT = `id block amount opensAt closesAt closed closedBlock sold burned rolled counted`;
const SETTLEMENT = `epoch state heldFor activatesAt activatedBlock activatedTx flkMinted digest txHash`;
const LOCK = "nodeId lockedUntil block";

interface Lock {
  nodeId: number;
  block: number;
}

describe("what the L2 had at the close of an epoch", () => {
  let world: World;
  /** by epoch: what there was just before its close */
  const then: Record<string, unknown>[] = [];

  const lists = (args: string) => `lots${args} { totalCount nodes { ${LOT} } }
    settlements${args} { totalCount nodes { ${SETTLEMENT} } }`;

  /** Looks at all that there is, and closes the epoch. */
  async function close(): Promise<void> {
    await caughtUp(world);
    const { locks, ...now } = await get(
      world.indexer,
      `{ ${lists("")} locks: stakeLocks { nodes { ${LOCK} } } }`,
    );
    const newest = new Map(locks.nodes.map((lock: Lock) => [lock.nodeId, lock]));
    const byBlock = ([...newest.values()] as Lock[]).sort((a, b) => a.block - b.block);
    then.push({ ...now, locks: { nodes: byBlock } });
    world.chain.close({ activate: false });
  }

  before(async () => {
    world = await startWorld();
    const { chain, l2 } = world;
    const held = (reasons: number) =>
      l2.emit("settlement", "Held", { epoch: 0n, digest: chain.digest(0), reasons });
    const locked = (nodeId: number, lockedUntil: bigint) =>
      l2.emit("staking", "StakeLocked", { nodeId, lockedUntil });
    const bid = { lotId: 0n, bidder: OTHER, to: CLIENT };
    const lot = { lotId: 0n, fromEpoch: 0n, toEpoch: 0n };
    chain.block({ changes: [chain.pay(CLIENT, 1000n)] });
    await close();
    held(2);
    locked(1, 50n);
    l2.emit("auction", "LotOpened", {
      ...{ ...lot, startPrice: 100n, floorPrice: 10n, amount: 50n, revenue: 40n, closesAt: 99 },
    });
    await close();
    held(2 + 32);
    locked(2, 60n);
    l2.emit("auction", "LotMoved", { lotId: 0n, opensAt: 7, closesAt: 100 });
    l2.emit("auction", "LotSold", { ...bid, stableSold: 20n, flkBurned: 9n });
    await close();
    l2.emit("settlement", "Released", { epoch: 0n, digest: chain.digest(0) });
    chain.activate(0);
    locked(1, 70n);
    l2.emit("auction", "LotMoved", { lotId: 0n, opensAt: 8, closesAt: 101 });
    l2.emit("auction", "LotSold", { ...bid, stableSold: 10n, flkBurned: 3n });
    await close();
    held(1);
    l2.emit("auction", "LotClosed", { ...lot, sold: 30n, burned: 12n, rolled: 20n, counted: 11n });
    l2.emit("settlement", "Voided", { firstEpoch: 2n, lastEpoch: 3n });
    await close();
    await until("the last is closed", async () => {
      const { epoch } = await get(world.indexer, "{ epoch(number: 4) { closeTime } }");
      return epoch?.closeTime !== null;
    });
    await caughtUp(world);
  });
  after(() => world.stop());

  it("is what was told then of lots, settlements and locks", async () => {
    for (const [epoch, known] of then.entries()) {
      const at = `(atEpoch: ${epoch})`;
      const found = await get(world.indexer, `{ ${lists(at)} locks: stakeLocks${at} { nodes { ${LOCK} } } }`);
      assert.deepEqual(found, known, `epoch ${epoch}`);
    }
    assert.equal(new Set(then.map((known) => JSON.stringify(known))).size, then.length);
  });

  it("can be asked for one of them", async () => {
    for (const epoch of [1, 2]) {
      const at = `atEpoch: ${epoch}`;
      const { lot, settlement, lots, settlements } = await get(
        world.indexer,
        `{ lot(id: 0, ${at}) { ${LOT} } settlement(epoch: 0, ${at}) { ${SETTLEMENT} } ${lists(`(${at})`)} }`,
      );
      assert.deepEqual([lot], lots.nodes);
      assert.deepEqual(settlement, settlements.nodes[0]);
    }
    const { lot, settlement } = await get(
      world.indexer,
      `{ lot(id: 0, atEpoch: 0) { id } settlement(epoch: 0, atEpoch: 0) { epoch } }`,
    );
    assert.deepEqual([lot, settlement], [null, null]);
  });

  it("can be filtered, ordered and paged by what it was", async () => {
    const { open, closed, active } = await get(
      world.indexer,
      `{ open: lots(atEpoch: 3, where: { closed: { _eq: false }, closesAt: { _eq: 101 } }) { totalCount }
         closed: lots(atEpoch: 3, where: { closed: { _eq: true } }) { totalCount }
         active: settlements(atEpoch: 3, where: { activatedBlock: { _gt: 0 } }, last: 1) { nodes { epoch state } } }`,
    );
    assert.deepEqual([open.totalCount, closed.totalCount], [1, 0]);
    assert.deepEqual(active.nodes, [{ epoch: 0, state: "ACTIVE" }]);
  });
});
