import assert from "node:assert/strict";
import { after, before, describe, it, test } from "node:test";
import fc from "fast-check";
import { earningOf } from "#indexer/api/earnings.ts";
import { CLIENT, operatorOf } from "./support/chain.ts";
import { caughtUp, get, startWorld, until, type World } from "./support/world.ts";

test("over all epochs, what is claimed of each adds up to the claims, oldest first, and nothing is claimable twice", () => {
  const amount = fc.bigInt(0n, 10n ** 24n);
  const history = fc.record({
    earned: fc.array(amount, { minLength: 1, maxLength: 20 }),
    share: fc.integer({ min: 0, max: 100 }),
    finals: fc.nat(20),
  });
  fc.assert(
    fc.property(history, ({ earned, share, finals }) => {
      const cumulative = [0n];
      for (const value of earned) cumulative.push((cumulative.at(-1) as bigint) + value);
      const settled = cumulative[Math.min(finals, earned.length)] as bigint;
      const claimed = (settled * BigInt(share)) / 100n;
      const of = (value: bigint) => ({ stable: value, flk: 0n });
      const rows = earned.map((_, i) =>
        earningOf(
          of(cumulative[i] as bigint),
          of(cumulative[i + 1] as bigint),
          of(claimed),
          i < finals ? "FINAL" : i === finals ? "SETTLED" : "COMMITTED",
        ),
      );
      const sum = (pick: (row: (typeof rows)[number]) => bigint) =>
        rows.reduce((all, row) => all + pick(row), 0n);
      assert.equal(
        sum((row) => row.earned.stable),
        cumulative.at(-1),
      );
      assert.equal(
        sum((row) => row.claimed.stable),
        claimed,
      );
      assert.equal(
        sum((row) => row.claimable.stable),
        settled - claimed,
      );
      assert.equal(
        sum((row) => row.settled.stable),
        cumulative[Math.min(finals + 1, earned.length)],
      );
      for (const row of rows) assert.ok(row.claimed.stable >= 0n && row.claimable.stable >= 0n);
      const open = rows.findIndex((row) => row.claimed.stable < row.earned.stable);
      if (open >= 0) assert.ok(rows.slice(open + 1).every((row) => row.claimed.stable === 0n));
    }),
    { seed: 7, numRuns: 500 },
  );
});

describe("the earnings of an operator", () => {
  let world: World;
  const operator = operatorOf(2);

  before(async () => {
    world = await startWorld();
    const { chain } = world;
    chain.block({ changes: [chain.pay(CLIENT, 1000n)] });
    chain.close();
    chain.claim(operator);
    chain.block({ changes: [chain.pay(CLIENT, 500n)] });
    chain.close();
    chain.block();
    await caughtUp(world);
    await until("both epochs are final", async () => {
      const { epochs } = await get(world.indexer, "{ epochs(final: true) { totalCount } }");
      return epochs.totalCount === 2;
    });
  });
  after(() => world.stop());

  it("are told per epoch: earned, claimed, claimable", async () => {
    const { account } = await get(
      world.indexer,
      `{ account(address: "${operator}") { claimedStable claimableStable epochs { nodes {
        epoch finality earning { earnedStable claimedStable claimableStable } } } } }`,
    );
    const [second, first] = account.epochs.nodes;
    assert.equal(first.finality, "FINAL");
    assert.equal(first.earning.earnedStable, account.claimedStable);
    assert.equal(first.earning.claimedStable, account.claimedStable);
    assert.equal(first.earning.claimableStable, "0");
    assert.equal(second.earning.claimableStable, account.claimableStable);
    assert.notEqual(second.earning.earnedStable, "0");
  });

  const csv = (account: string) =>
    fetch(world.indexer.url.replace("/graphql", `/export/earnings.csv?account=${account}`));

  it("come as CSV with the same figures", async () => {
    const response = await csv(operator.toUpperCase().replace("0X", "0x"));
    assert.match(response.headers.get("content-type") ?? "", /text\/csv/);
    const [header, ...lines] = (await response.text()).trimEnd().split("\r\n");
    assert.match(header ?? "", /^epoch,close_time,final,earned_micro_usd,earned_wei,claimed_micro_usd/);
    const { account } = await get(
      world.indexer,
      `{ account(address: "${operator}") { epochs { nodes { epoch earning {
        earnedStable earnedFlk claimedStable claimedFlk claimableStable claimableFlk settledStable settledFlk } } } } }`,
    );
    const rows = lines.map((line) => line.split(","));
    const expected = account.epochs.nodes
      .toReversed()
      .map(({ epoch, earning }: { epoch: number; earning: Record<string, string> }) => [
        String(epoch),
        ...Object.values(earning),
      ]);
    assert.deepEqual(
      rows.map(([epoch, , , ...amounts]) => [epoch, ...amounts.slice(0, -2)]),
      expected,
    );
    assert.ok(rows.every(([, time]) => !Number.isNaN(Date.parse(time as string))));
  });

  it("of nobody are an empty table, and of no address are refused", async () => {
    assert.equal((await (await csv(`0x${"99".repeat(20)}`)).text()).trimEnd().split("\r\n").length, 1);
    for (const wrong of ["", "0x12", "1; DROP TABLE accounts"]) {
      const response = await csv(encodeURIComponent(wrong));
      assert.equal(response.status, 400);
      assert.match(await response.text(), /ERR_QUERY_ARGUMENT/);
    }
  });
});

test("what an account withdrew of its own is told apart from what it was paid, also over an epoch that was not verified", async () => {
  const world = await startWorld({
    report: (epoch, report) => (epoch === 1 ? { ...report, revenue: report.revenue + 1n } : report),
  });
  try {
    const { chain, indexer } = world;
    const operator = operatorOf(2);
    chain.deposit(operator, 1_000n);
    for (const [i, amount] of [7n, 20n, 300n, 0n].entries()) {
      chain.block({
        l2Changes: [
          ...(i === 0 ? [chain.seen(operator)] : []),
          ...(amount > 0n ? [chain.withdrawn(operator, amount)] : []),
        ],
        changes: [chain.pay(CLIENT, 1_000n)],
      });
      chain.close();
    }
    const query = `{ account(address: "${operator}") { epochs(orderBy: EPOCH, direction: ASC) { nodes {
      epoch earning { earnedStable withdrawnStable } } } } }`;
    const earnings = async () => {
      const { account } = await get(indexer, query);
      return (account?.epochs.nodes ?? []).flatMap((row: { epoch: number; earning: object | null }) =>
        row.earning ? [{ epoch: row.epoch, ...row.earning }] : [],
      );
    };
    await until("what can be verified is", async () => (await earnings()).length === 3);
    assert.deepEqual(await earnings(), [
      { epoch: 0, earnedStable: "707", withdrawnStable: "7" },
      { epoch: 2, earnedStable: "1720", withdrawnStable: "320" },
      { epoch: 3, earnedStable: "700", withdrawnStable: "0" },
    ]);
    const url = indexer.url.replace("/graphql", `/export/earnings.csv?account=${operator}`);
    const [head, ...lines] = (await (await fetch(url)).text()).trimEnd().split("\r\n");
    assert.match(head ?? "", /,withdrawn_micro_usd,settlement_state$/);
    assert.deepEqual(
      lines.map((line) => line.split(",").at(-2)),
      ["7", "320", "0"],
    );
  } finally {
    await world.stop();
  }
});

const TRANSFER = { from: CLIENT, to: operatorOf(1), value: 1n };

test("earnings are settled once the L2 has them, and claimable once they are active, in GraphQL as in the table", async () => {
  const world = await startWorld();
  const { chain, indexer, l2 } = world;
  const operator = operatorOf(2);
  /** of the newest epoch: its finality, what is settled and what is claimable */
  const newest = async () => {
    const { account } = await get(
      indexer,
      `{ account(address: "${operator}") { epochs(first: 1) { nodes {
        finality earning { earnedStable settledStable settledFlk earnedFlk claimableStable } } } } }`,
    );
    const url = indexer.url.replace("/graphql", `/export/earnings.csv?account=${operator}`);
    const [head, ...lines] = (await (await fetch(url)).text()).trimEnd().split("\r\n");
    const cells = lines.at(-1)?.split(",") ?? [];
    const column = (name: string) => cells[head?.split(",").indexOf(name) ?? -1];
    const { finality, earning } = account?.epochs.nodes[0] ?? {};
    return {
      finality,
      earning,
      table: {
        earnedStable: column("earned_micro_usd"),
        earnedFlk: column("earned_wei"),
        settledStable: column("settled_micro_usd"),
        settledFlk: column("settled_wei"),
        claimableStable: column("claimable_micro_usd"),
      },
    };
  };
  try {
    chain.block({ changes: [chain.pay(CLIENT, 1000n)] });
    chain.close({ post: false });
    const earned = { earnedStable: "700", earnedFlk: String(1000n * 10n ** 11n) };
    const settled = { settledStable: earned.earnedStable, settledFlk: earned.earnedFlk };
    const nothing = { settledStable: "0", settledFlk: "0" };
    const stages: [string, () => void, object][] = [
      ["COMMITTED", () => undefined, { ...nothing, claimableStable: "0" }],
      ["SETTLED", () => chain.post(0, false), { ...settled, claimableStable: "0" }],
      ["SETTLED", () => l2.emit("flk", "Transfer", TRANSFER), { ...settled, claimableStable: "0" }],
      ["FINAL", () => chain.activate(0), { ...settled, claimableStable: "700" }],
    ];
    for (const [finality, happens, expected] of stages) {
      happens();
      await until(`it is ${finality}`, async () => {
        const { finality: now, earning } = await newest();
        return now === finality && earning !== null;
      });
      const { earning, table } = await newest();
      assert.deepEqual(earning, { ...earned, ...expected });
      assert.deepEqual(table, earning);
    }
  } finally {
    await world.stop();
  }
});

test("an epoch after one that was not verified has the earnings of both, in GraphQL as in the table", async () => {
  const world = await startWorld({
    report: (epoch, report) => (epoch === 1 ? { ...report, revenue: report.revenue + 1n } : report),
  });
  try {
    const { chain } = world;
    for (let epoch = 0; epoch < 3; epoch++) {
      chain.block({ changes: [chain.pay(CLIENT, 1000n)] });
      chain.close();
    }
    await until("what can be verified is", async () => {
      const { epochs } = await get(world.indexer, "{ epochs(verified: true) { totalCount } }");
      return epochs.totalCount === 2;
    });
    const { account } = await get(
      world.indexer,
      `{ account(address: "${operatorOf(2)}") { epochs { nodes { epoch payoutStable earning { earnedStable } } } } }`,
    );
    const [third, first] = account.epochs.nodes.filter(
      ({ earning }: { earning: unknown }) => earning !== null,
    );
    assert.deepEqual([first.epoch, third.epoch], [0, 2]);
    assert.equal(
      BigInt(third.earning.earnedStable),
      BigInt(third.payoutStable) - BigInt(first.earning.earnedStable),
    );
    const url = world.indexer.url.replace("/graphql", `/export/earnings.csv?account=${operatorOf(2)}`);
    const lines = (await (await fetch(url)).text()).trimEnd().split("\r\n").slice(1);
    assert.deepEqual(
      lines.map((line) => line.split(",")[3]),
      [first.earning.earnedStable, third.earning.earnedStable],
    );
  } finally {
    await world.stop();
  }
});
