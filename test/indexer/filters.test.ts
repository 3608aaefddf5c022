import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { getTableConfig, type PgColumn, type PgTable } from "drizzle-orm/pg-core";
import { LISTINGS, SMALL_TABLES } from "#indexer/api/listings.ts";
import { toHex } from "#protocol/types/hex.ts";
import { BUYBACK, CLIENT, OTHER, operatorOf } from "./support/chain.ts";
import type { Lies } from "./support/fake-node.ts";
import { ask, caughtUp, get, startWorld, until, type World } from "./support/world.ts";

describe("lists", () => {
  const leads = (table: PgTable): Set<string> => {
    const { columns, primaryKeys, indexes } = getTableConfig(table);
    const first = (list: readonly unknown[]) => (list[0] as PgColumn).name;
    return new Set([
      ...columns.filter((column) => column.primary).map((column) => column.name),
      ...primaryKeys.map((key) => first(key.columns)),
      ...indexes.map((index) => first(index.config.columns)),
    ]);
  };

  for (const [name, { table, filters, orders }] of Object.entries(LISTINGS)) {
    it(`of ${name} filter and order by columns that an index begins with, or are of a small table`, () => {
      if (SMALL_TABLES.includes(table)) return;
      const indexed = leads(table);
      const used = [
        ...Object.values(filters).map(({ column }) => column),
        ...Object.values(orders).map(([column]) => column as PgColumn),
      ];
      for (const column of used) assert.ok(indexed.has(column.name), `${name}: ${column.name}`);
      for (const { comparison } of Object.values(filters)) assert.notEqual(comparison, "Text", name);
    });
  }

  it("order by columns that are never null: a cursor could not say where null is", () => {
    for (const [name, { orders, key }] of Object.entries(LISTINGS)) {
      for (const column of [...key, ...Object.values(orders).flat()])
        assert.ok(column.notNull || column.primary, `${name}: ${column.name}`);
    }
  });
});

describe("filters and orders of lists", () => {
  let world: World;
  const amounts = [5n, 70n, 300n, 70n];

  before(async () => {
    world = await startWorld();
    for (const amount of amounts) world.chain.deposit(OTHER, amount);
    await caughtUp(world);
  });
  after(() => world.stop());

  const found = async (where: string, more = "") =>
    (
      await get(world.indexer, `{ deposits(where: ${where} ${more}) { totalCount nodes { amount } } }`)
    ).deposits.nodes.map(({ amount }: { amount: string }) => amount);
  const code = async (query: string, variables?: object) =>
    (await ask(world.indexer, query, variables)).errors?.[0]?.extensions.code;

  it("compare exactly, in any combination of and and or", async () => {
    const other = `account: { _eq: "${OTHER}" }`;
    assert.deepEqual(await found(`{ ${other} }`), ["5", "70", "300", "70"]);
    assert.deepEqual(await found(`{ ${other}, amount: { _gt: "5", _lt: "300" } }`), ["70", "70"]);
    assert.deepEqual(await found(`{ ${other}, amount: { _gte: "70", _lte: "300" } }`), ["70", "300", "70"]);
    assert.deepEqual(await found(`{ amount: { _in: ["5", "300", "9"] } }`), ["5", "300"]);
    assert.deepEqual(
      await found(`{ or: [{ amount: { _eq: "5" } }, { and: [{ ${other} }, { amount: { _gt: "200" } }] }] }`),
      ["5", "300"],
    );
    assert.deepEqual(await found(`{ amount: { _gt: "${10n ** 77n}" } }`), []);
    assert.deepEqual(await found(`{ amount: { _in: [] } }`), []);
    assert.deepEqual(await found(`{ ${other}, or: [] }`), []);
    assert.deepEqual(await found(`{ ${other}, and: [], amount: {} }`), ["5", "70", "300", "70"]);
    assert.deepEqual(
      await found(`{ account: { _eq: "${OTHER.toUpperCase().replace("0X", "0x")}" } }`, "first: 1"),
      ["5"],
    );
  });

  it("order by what is asked for, and page through it with cursors that equal values do not confuse", async () => {
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const query = `query ($after: String) { deposits(where: { account: { _eq: "${OTHER}" } }, orderBy: AMOUNT, direction: DESC,
        first: 1, after: $after) { totalCount nodes { amount } pageInfo { hasNextPage endCursor } } }`;
      const { deposits } = await get(world.indexer, query, { after });
      assert.equal(deposits.totalCount, 4);
      seen.push(deposits.nodes[0].amount);
      after = deposits.pageInfo.hasNextPage ? deposits.pageInfo.endCursor : null;
    } while (after !== null);
    assert.deepEqual(seen, ["300", "70", "70", "5"]);
  });

  it("page back with the same cursors, and refuse first with last", async () => {
    const page = async (args: string) =>
      (
        await get(
          world.indexer,
          `{ deposits(where: { account: { _eq: "${OTHER}" } }, orderBy: AMOUNT ${args}) {
             nodes { amount } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`,
        )
      ).deposits;
    const amountsOf = ({ nodes }: { nodes: { amount: string }[] }) => nodes.map(({ amount }) => amount);
    const last = await page(", last: 2");
    assert.deepEqual(amountsOf(last), ["70", "300"]);
    const { startCursor, ...more } = last.pageInfo;
    assert.deepEqual([more.hasPreviousPage, more.hasNextPage], [true, false]);
    const first = await page(`, last: 2, before: "${startCursor}"`);
    assert.deepEqual(amountsOf(first), ["5", "70"]);
    assert.deepEqual([first.pageInfo.hasPreviousPage, first.pageInfo.hasNextPage], [false, true]);
    const again = await page(`, first: 2, after: "${first.pageInfo.endCursor}"`);
    assert.deepEqual(amountsOf(again), ["70", "300"]);
    assert.equal(await code("{ deposits(first: 1, last: 1) { totalCount } }"), "ERR_QUERY_ARGUMENT");
    assert.equal(await code("{ deposits(last: 1001) { totalCount } }"), "ERR_QUERY_ARGUMENT");
  });

  it("hold for nested lists, for each parent alike", async () => {
    const { accounts } = await get(
      world.indexer,
      `{ accounts(where: { address: { _in: ["${OTHER}", "${CLIENT}"] } }) { nodes { address
        few: depositHistory(where: { amount: { _lt: "100" } }, orderBy: AMOUNT) { totalCount nodes { amount } }
        all: depositHistory { totalCount } } } }`,
    );
    assert.deepEqual(accounts.nodes, [
      { address: CLIENT, few: { totalCount: 0, nodes: [] }, all: { totalCount: 1 } },
      {
        address: OTHER,
        few: { totalCount: 3, nodes: [{ amount: "5" }, { amount: "70" }, { amount: "70" }] },
        all: { totalCount: 4 },
      },
    ]);
  });

  it("look through texts of small tables only, in any case, without patterns", async () => {
    const { nodes, parameters } = await get(
      world.indexer,
      `{ nodes(where: { endpoints: { _contains: "TCP/4400" } }) { nodes { id } }
         parameters: parameterChanges(where: { key: { _contains: "%" } }) { totalCount } }`,
    );
    assert.deepEqual(nodes.nodes, [{ id: 2 }]);
    assert.equal(parameters.totalCount, 0);
    assert.equal(
      await code(`{ deposits(where: { account: { _contains: "0x" } }) { totalCount } }`),
      "GRAPHQL_VALIDATION_FAILED",
    );
  });

  it("are bounded, and refuse what would mean something else than it says", async () => {
    const nested = (depth: number): string => (depth === 0 ? "{}" : `{ and: [${nested(depth - 1)}] }`);
    const where = (text: string) => `{ deposits(where: ${text}) { totalCount } }`;
    assert.equal(await code(where(nested(3))), undefined);
    assert.equal(await code(where(nested(4))), "ERR_QUERY_TOO_COSTLY");
    const many = (count: number) => `{ or: [${`{ amount: { _eq: "1" } } `.repeat(count)}] }`;
    assert.equal(await code(where(many(25))), undefined);
    assert.equal(await code(where(many(26))), "ERR_QUERY_TOO_COSTLY");
    const query = "query ($in: [USDC!]) { deposits(where: { amount: { _in: $in } }) { totalCount } }";
    assert.equal(await code(query, { in: Array(1_000).fill("1") }), undefined);
    assert.equal(await code(query, { in: Array(1_001).fill("1") }), "ERR_QUERY_TOO_COSTLY");
    assert.equal(await code(query, { in: null }), "ERR_QUERY_ARGUMENT");
    assert.equal(await code(where("{ account: null }")), "ERR_QUERY_ARGUMENT");
    assert.equal(await code(where("{ or: null }")), "ERR_QUERY_ARGUMENT");
    assert.equal(
      await code(`{ nodes(where: { endpoints: { _contains: "${"x".repeat(257)}" } }) { totalCount } }`),
      "ERR_QUERY_ARGUMENT",
    );
    assert.equal(
      await code(`{ transactions(where: { kind: { _eq: "\\u0000" } }) { totalCount } }`),
      "ERR_QUERY_ARGUMENT",
    );
    assert.equal(await code(`{ transaction(id: "0x123") { kind } }`), "ERR_QUERY_ARGUMENT");
  });
});

describe("what was at the close of an epoch", () => {
  const lies: Lies = {};
  let world: World;
  const KEY = `0x${"77".repeat(32)}`;

  before(async () => {
    world = await startWorld(lies);
    const { chain, l2 } = world;
    chain.block({ changes: [chain.pay(CLIENT, 1000n)] });
    chain.close();
    l2.emit("staking", "StakeChanged", { nodeId: 2, staked: 5n, thawing: 3n });
    l2.emit("staking", "Slashed", { nodeId: 2, amount: 7n, reporter: OTHER, reward: 0n });
    l2.emit("staking", "OperatorSet", { nodeId: 2, operator: OTHER });
    l2.emit("staking", "NetworkKeyRotated", { nodeId: 2, networkKey: KEY });
    l2.emit("services", "PriceSet", { serviceId: 0, commodity: 0, price: 30_000n });
    l2.emit("parameters", "ParameterSet", { key: `0x${"61".repeat(32)}`, value: 1n });
    l2.emit("settlement", "PayeeSet", { account: operatorOf(2), payee: OTHER });
    chain.claim(operatorOf(2));
    chain.deposit(CLIENT, 11n);
    chain.block({ l2Changes: [chain.seen(CLIENT)] });
    chain.close();
    l2.emit("staking", "StakeChanged", { nodeId: 2, staked: 9n, thawing: 0n });
    l2.emit("staking", "OperatorSet", { nodeId: 2, operator: `0x${"00".repeat(20)}` });
    chain.deposit(CLIENT, 100n);
    chain.block({ l2Changes: [chain.seen(CLIENT)] });
    await caughtUp(world);
    await until("both are final", async () => {
      const { epochs } = await get(world.indexer, "{ epochs(final: true) { totalCount } }");
      return epochs.totalCount === 2;
    });
  });
  after(() => world.stop());

  it("of an account: balance, deposits, payouts, claims and payee", async () => {
    const at = `{ balance deposits settledEpoch payoutStable claimedStable claimableStable payee roles }`;
    const query = `{ now: account(address: "${CLIENT}") ${at} first: account(address: "${CLIENT}", atEpoch: 0) ${at}
      second: account(address: "${CLIENT}", atEpoch: 1) ${at} operator: account(address: "${operatorOf(2)}", atEpoch: 0) ${at}
      later: account(address: "${operatorOf(2)}", atEpoch: 1) ${at} nobody: account(address: "${KEY.slice(0, 42)}", atEpoch: 1) ${at} }`;
    const { now, first, second, operator, later, nobody } = await get(world.indexer, query);
    assert.deepEqual([now.balance, first.balance, second.balance], ["4999111", "4999000", "4999011"]);
    assert.deepEqual([now.deposits, first.deposits, second.deposits], ["5000111", "5000000", "5000011"]);
    assert.deepEqual([now.settledEpoch, first.settledEpoch, second.settledEpoch], [1, null, 0]);
    assert.deepEqual(
      [operator.payoutStable, operator.claimedStable, operator.claimableStable],
      ["0", "0", "0"],
    );
    assert.deepEqual([later.payoutStable, later.claimedStable, later.claimableStable], ["700", "700", "0"]);
    assert.deepEqual([operator.payee, later.payee], [operatorOf(2), OTHER]);
    assert.deepEqual(operator.roles, ["OPERATOR"]);
    assert.equal(nobody, null);
  });

  it("of a list of accounts, with filters, orders and cursors", async () => {
    const page = async (after: string | null) =>
      (
        await get(
          world.indexer,
          `query ($after: String) { accounts(atEpoch: 1, first: 1, after: $after, orderBy: PAYOUT_STABLE, direction: DESC,
             where: { payoutStable: { _gt: "0" } }) { totalCount nodes { address payoutStable } pageInfo { endCursor } } }`,
          { after },
        )
      ).accounts;
    const first = await page(null);
    assert.equal(first.totalCount, 4);
    assert.deepEqual(first.nodes, [{ address: operatorOf(2), payoutStable: "700" }]);
    const second = await page(first.pageInfo.endCursor);
    assert.deepEqual(second.nodes, [{ address: operatorOf(1), payoutStable: "100" }]);
    assert.ok(BUYBACK < operatorOf(1));
  });

  it("of nodes and stakes", async () => {
    const at = "{ stake thawing slashed operator networkKey reputation }";
    const data = await get(
      world.indexer,
      `{ first: node(id: 2, atEpoch: 0) ${at} second: node(id: 2, atEpoch: 1) ${at} now: node(id: 2) ${at}
         nodes(atEpoch: 1, where: { stake: { _lt: "10" } }) { totalCount nodes { id } }
         stakes(atEpoch: 1, where: { node: { _in: [1, 2] } }) { nodes { nodeId staked thawing } } }`,
    );
    const stake = `2${"0".repeat(21)}`;
    const key = `0x${"02".repeat(32)}`;
    assert.deepEqual(data.first, {
      ...{ stake, thawing: "0", slashed: "0", operator: null, networkKey: key, reputation: 52 },
    });
    assert.deepEqual(data.second, {
      ...{ stake: "5", thawing: "3", slashed: "7", operator: OTHER, networkKey: KEY, reputation: 52 },
    });
    assert.deepEqual([data.now.stake, data.now.operator], ["9", null]);
    assert.deepEqual(data.nodes, { totalCount: 1, nodes: [{ id: 2 }] });
    assert.deepEqual(data.stakes.nodes, [
      { nodeId: 1, staked: `1${"0".repeat(21)}`, thawing: "0" },
      { nodeId: 2, staked: "5", thawing: "3" },
    ]);
  });

  it("of services and parameters, as they are in force in an epoch", async () => {
    const at = "{ totalCount nodes { prices { commodity price } } }";
    const key = "a".repeat(32);
    const { before, after, nobodys, early, late, parameters } = await get(
      world.indexer,
      `{ before: services(atEpoch: 1) ${at} after: services(atEpoch: 2, where: { id: { _eq: 0 } }) ${at}
         nobodys: services(atEpoch: 2, where: { owner: { _eq: "${OTHER}" } }) ${at}
         early: parameters(atEpoch: 1) { totalCount } late: parameters(atEpoch: 2) { totalCount }
         parameters(atEpoch: 2, where: { key: { _eq: "${key}" }, value: { _lt: "2" } }) { nodes { key value } } }`,
    );
    assert.deepEqual(before, { totalCount: 1, nodes: [{ prices: [{ commodity: 0, price: "20000" }] }] });
    assert.deepEqual(after, { totalCount: 1, nodes: [{ prices: [{ commodity: 0, price: "30000" }] }] });
    assert.equal(nobodys.totalCount, 0);
    assert.equal(late.totalCount, early.totalCount + 1);
    assert.deepEqual(parameters.nodes, [{ key, value: "1" }]);
  });

  it("of parameters page by page, in either order", async () => {
    const page = async (atEpoch: number, after: string | null) =>
      (
        await get(
          world.indexer,
          `query ($atEpoch: Int, $after: String) { parameters(atEpoch: $atEpoch, first: 1, after: $after, direction: DESC) {
             nodes { key } pageInfo { endCursor hasNextPage } } }`,
          { atEpoch, after },
        )
      ).parameters;
    const keys: string[] = [];
    for (let after: string | null = null, more = true; more; ) {
      const { nodes, pageInfo } = await page(2, after);
      keys.push(nodes[0].key);
      [after, more] = [pageInfo.endCursor, pageInfo.hasNextPage];
    }
    assert.ok(keys.includes("a".repeat(32)));
    const { all } = await get(world.indexer, "{ all: parameters(atEpoch: 2) { nodes { key } } }");
    assert.deepEqual(
      keys.reverse(),
      all.nodes.map(({ key }: { key: string }) => key),
    );
  });

  it("is refused of an epoch that has not closed, or not begun", async () => {
    for (const query of [
      `{ account(address: "${CLIENT}", atEpoch: 2) { balance } }`,
      "{ nodes(atEpoch: 2) { totalCount } }",
      "{ stakes(atEpoch: -1) { totalCount } }",
      "{ parameters(atEpoch: 3) { totalCount } }",
      "{ services(atEpoch: -1) { totalCount } }",
    ]) {
      const { errors } = await ask(world.indexer, query);
      assert.equal(errors?.[0]?.extensions.code, "ERR_QUERY_ARGUMENT", query);
      assert.match(errors?.[0]?.message ?? "", /not (closed|begun)/);
    }
  });

  it("of accounts: what was settled and owed is of the newest epoch that was active then, whatever became of the closed one", async () => {
    const { chain } = world;
    lies.report = (number, report) => (number === 2 ? { ...report, flkMinted: 1n } : report);
    chain.close();
    const read = `{ nodes { address settledEpoch settledBalance settledDeposits payoutStable payoutFlk } }`;
    await until("the epoch is marked", async () => {
      const { epoch } = await get(world.indexer, "{ epoch(number: 2) { problem } }");
      return epoch.problem === "ERR_REPORT_HASH";
    });
    for (const [epoch, closed] of [1, 2].entries()) {
      const { nodes } = (await get(world.indexer, `{ accounts(atEpoch: ${closed}) ${read} }`)).accounts;
      const sum = (field: string) =>
        nodes.reduce(
          (total: bigint, row: Record<string, string>) => total + BigInt(row[field] as string),
          0n,
        );
      assert.ok(sum("settledBalance") > 0n && sum("payoutStable") > 0n);
      assert.equal(sum("settledDeposits"), sum("settledBalance") + sum("payoutStable"));
      const payouts = new Map(chain.reports[epoch]?.payouts.map((entry) => [toHex(entry.account), entry]));
      for (const row of nodes) {
        const { stable = 0n, flk = 0n } = payouts.get(row.address) ?? {};
        assert.deepEqual(
          [row.settledEpoch, row.payoutStable, row.payoutFlk],
          [epoch, String(stable), String(flk)],
        );
      }
    }
    const { errors } = await ask(
      world.indexer,
      "{ accounts(atEpoch: 1, role: OPERATOR) { nodes { address } } }",
    );
    assert.equal(errors?.[0]?.extensions.code, "ERR_QUERY_ARGUMENT");
  });
});
