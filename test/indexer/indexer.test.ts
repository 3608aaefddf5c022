import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { toHex } from "#protocol/types/hex.ts";
import { BUYBACK, CLIENT, EPOCH_MS, membersOf, NODES, OTHER, operatorOf, TREASURY } from "./support/chain.ts";
import { ask, caughtUp, get, ready, startWorld, until, type World } from "./support/world.ts";

const FLK = 10n ** 18n;

describe("an indexer that follows the L2 and a node", () => {
  let world: World;

  before(async () => {
    world = await startWorld();
    const { chain } = world;
    chain.block({ changes: [chain.pay(CLIENT, 1000n), chain.pay(CLIENT, 500n)] });
    chain.deposit(OTHER, 7_000_000n);
    chain.block({ l2Changes: [chain.seen(OTHER)], changes: [chain.pay(OTHER, 2000n)] });
    chain.close();
    for (const account of [operatorOf(2), TREASURY]) chain.claim(account);
    chain.block({ changes: [chain.pay(CLIENT, 10_000n)] });
    chain.close();
    chain.block({ changes: [chain.pay(OTHER, 123n)] });
    await caughtUp(world);
    await until("both epochs are final", async () => {
      const { epochs } = await get(world.indexer, "{ epochs(final: true) { totalCount } }");
      return epochs.totalCount === 2;
    });
  });
  after(() => world.stop());

  it("serves every account's balances and payouts exactly", async () => {
    const { accounts } = await get(
      world.indexer,
      `{ accounts(first: 1000) { totalCount nodes { address roles deposits balance settledEpoch settledBalance settledDeposits
         payoutStable payoutFlk claimedStable claimedFlk claimableStable claimableFlk } } }`,
    );
    const of = (address: string) =>
      accounts.nodes.find((row: { address: string }) => row.address === address);
    assert.deepEqual(of(CLIENT), {
      address: CLIENT,
      roles: ["CLIENT"],
      deposits: "5000000",
      balance: "4988500",
      settledEpoch: 1,
      settledBalance: "4988500",
      settledDeposits: "5000000",
      payoutStable: "0",
      payoutFlk: "0",
      claimedStable: "0",
      claimedFlk: "0",
      claimableStable: "0",
      claimableFlk: "0",
    });
    assert.equal(of(OTHER).balance, "6997877");
    assert.equal(of(OTHER).settledBalance, "6998000");
    assert.deepEqual(of(operatorOf(1)).roles, ["OPERATOR", "SERVICE_OWNER"]);
    assert.deepEqual(of(TREASURY).roles, ["TREASURY"]);
    assert.deepEqual(of(BUYBACK).roles, ["BUYBACK"]);
    assert.equal(of(operatorOf(2)).payoutStable, "9450");
    assert.equal(of(operatorOf(2)).claimedStable, "2450");
    assert.equal(of(operatorOf(2)).claimableStable, "7000");
    assert.equal(of(operatorOf(2)).payoutFlk, (13_500n * 10n ** 11n).toString());
    const sum = (field: string) =>
      accounts.nodes.reduce(
        (total: bigint, row: Record<string, string>) => total + BigInt(row[field] as string),
        0n,
      );
    assert.equal(sum("settledDeposits"), sum("settledBalance") + sum("payoutStable"));
    assert.equal(accounts.totalCount, 2 + 5 + 2);
  });

  it("serves every node's stake, work, reputation and rewards per epoch", async () => {
    const { nodes } = await get(
      world.indexer,
      `{ nodes { nodes { id owner stake thawing reputation endpoints epochs { nodes { epoch stake reputation
         latency uptime throughput success trust credibility reporters outByFloor inCommittee finality
         revenue rewardStable buyback scheduledFlk rewardFlk work { service commodity units deliveries lanes revenue } } } } } }`,
    );
    assert.deepEqual(
      nodes.nodes.map((node: { id: number }) => node.id),
      NODES,
    );
    const [, second] = nodes.nodes;
    assert.equal(second.stake, (2000n * FLK).toString());
    assert.equal(second.reputation, 52);
    assert.deepEqual(second.endpoints, ["/ip4/127.0.0.1/tcp/4400", "http://127.0.0.1:4420"]);
    assert.deepEqual(second.epochs.nodes[1], {
      epoch: 0,
      stake: (2000n * FLK).toString(),
      reputation: 52,
      ...{ latency: 9_002, uptime: 9_100, throughput: 9_200, success: 9_300, trust: 9_400 },
      ...{ credibility: 9_500, reporters: 4, outByFloor: false },
      inCommittee: true,
      finality: "FINAL",
      revenue: "3500",
      rewardStable: "2450",
      buyback: "350",
      scheduledFlk: (7000n * 10n ** 11n).toString(),
      rewardFlk: (3500n * 10n ** 11n).toString(),
      work: [{ service: 0, commodity: 0, units: "175000000", deliveries: 2, lanes: 2, revenue: "3500" }],
    });
    for (const { id, epochs } of nodes.nodes) {
      assert.deepEqual(
        epochs.nodes.map((row: { inCommittee: boolean }) => row.inCommittee),
        [membersOf(1).includes(id), membersOf(0).includes(id)],
      );
    }
  });

  it("serves epochs with their settlement, and the open one without", async () => {
    const { epochs } = await get(
      world.indexer,
      `{ epochs { nodes { number openTime closeTime blocks transactions lanes deliveries units revenue flkScheduled flkMinted treasury buyback
         grant { epoch grantedBy lotBuyback lotBurn flk }
         committee digest finality verified problem settlement { txHash block gasUsed digest payoutRoot reportHash totalBalances } } } }`,
    );
    const [first, second, open] = epochs.nodes;
    assert.equal(first.flkScheduled, (10_500n * 10n ** 11n).toString());
    assert.deepEqual(first.grant, {
      epoch: 0,
      grantedBy: 1,
      lotBuyback: "350",
      lotBurn: (4n * BigInt(second.flkMinted)).toString(),
      flk: second.flkMinted,
    });
    assert.deepEqual([second.grant, open.grant, open.flkScheduled], [null, null, null]);
    const certificate = world.chain.certificates[0];
    assert.equal(first.closeTime - first.openTime, EPOCH_MS + 200);
    assert.equal(first.blocks, 3);
    assert.equal(first.transactions, 3);
    assert.equal(first.revenue, "3500");
    assert.deepEqual(first.committee, membersOf(0));
    assert.equal(first.finality, "FINAL");
    assert.equal(first.verified, true);
    assert.equal(first.settlement.gasUsed, "234567");
    assert.equal(first.settlement.digest, first.digest);
    assert.equal(first.settlement.reportHash, toHex(certificate?.settlement.reportHash ?? new Uint8Array()));
    assert.equal(first.settlement.totalBalances, "11996500");
    assert.deepEqual(
      { number: open.number, closeTime: open.closeTime, blocks: open.blocks, revenue: open.revenue },
      { number: 2, closeTime: null, blocks: 1, revenue: null },
    );
    assert.deepEqual(open.settlement, null);
    assert.equal(open.finality, "COMMITTED");
  });

  it("pages with cursors that no new row shifts, in any offered order", async () => {
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const { accounts }: { accounts: AccountPage } = await get(
        world.indexer,
        `query ($after: String) { accounts(first: 2, after: $after, orderBy: BALANCE, direction: DESC) {
           edges { cursor node { address balance } } pageInfo { hasNextPage endCursor } } }`,
        { after },
      );
      seen.push(...accounts.edges.map(({ node }) => node.address));
      after = accounts.pageInfo.hasNextPage ? accounts.pageInfo.endCursor : null;
    } while (after !== null);
    assert.equal(seen.length, 9);
    assert.equal(new Set(seen).size, 9);
    assert.deepEqual(seen.slice(0, 2), [OTHER, CLIENT]);
  });

  it("pages nested lists for each parent alike, with their counts", async () => {
    const query = `query ($after: String) { nodes { nodes { id epochs(first: 1, after: $after) {
      totalCount nodes { epoch } pageInfo { hasNextPage endCursor } } } } }`;
    const first = await get(world.indexer, query);
    const endCursor = first.nodes.nodes[0].epochs.pageInfo.endCursor;
    for (const { epochs } of first.nodes.nodes) {
      assert.deepEqual(epochs, {
        totalCount: 2,
        nodes: [{ epoch: 1 }],
        pageInfo: { hasNextPage: true, endCursor },
      });
    }
    const second = await get(world.indexer, query, { after: endCursor });
    for (const { epochs } of second.nodes.nodes) assert.deepEqual(epochs.nodes, [{ epoch: 0 }]);
    const { nodes } = await get(
      world.indexer,
      "{ nodes { nodes { epochs(first: 0) { nodes { epoch } } } } }",
    );
    assert.equal(nodes.nodes[0].epochs.nodes.length, 0);
  });

  it("filters accounts by role and blocks by epoch", async () => {
    const data = await get(
      world.indexer,
      `{ accounts(role: OPERATOR) { totalCount } blocks(epoch: 1) { nodes { height index time transactions stateRoot anchor } } }`,
    );
    assert.equal(data.accounts.totalCount, 5);
    assert.deepEqual(
      data.blocks.nodes.map((block: { height: number }) => block.height),
      [3, 4],
    );
  });

  it("refuses deep, costly and malformed queries with a code, and says nothing of its inside", async () => {
    const code = async (query: string, variables?: object) => {
      const { errors } = await ask(world.indexer, query, variables);
      return errors?.[0]?.extensions.code;
    };
    const deep = (levels: number): string =>
      levels === 0 ? "id" : `account { nodes(first: 1) { nodes { ${deep(levels - 1)} } } }`;
    assert.equal(await code(`{ node(id: 1) { ${deep(5)} } }`), "ERR_QUERY_TOO_DEEP");
    assert.equal(
      await code("{ nodes(first: 1000) { nodes { epochs(first: 1000) { nodes { epoch } } } } }"),
      "ERR_QUERY_TOO_COSTLY",
    );
    assert.equal(
      await code("query ($n: Int) { nodes(first: $n) { nodes { epochs(first: $n) { nodes { epoch } } } } }", {
        n: 999,
      }),
      "ERR_QUERY_TOO_COSTLY",
    );
    assert.equal(await code("{ accounts(first: 1001) { totalCount } }"), "ERR_QUERY_ARGUMENT");
    assert.equal(await code('{ accounts(after: "x") { totalCount } }'), "ERR_QUERY_ARGUMENT");
    assert.equal(await code('{ account(address: "0x12") { balance } }'), "ERR_QUERY_ARGUMENT");
    assert.equal(await code("{ nonsense }"), "GRAPHQL_VALIDATION_FAILED");
    const alien = Buffer.from(JSON.stringify(["number", "99999999999"])).toString("base64url");
    assert.equal(await code(`{ epochs(after: "${alien}") { totalCount } }`), "ERR_QUERY_ARGUMENT");
  });

  it("refuses a body that is too large", async () => {
    const response = await fetch(world.indexer.url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: `{ _meta { height } } # ${"x".repeat(300_000)}` }),
    });
    assert.equal(response.status, 413);
  });

  it("answers introspection, GraphiQL, the schema, health and readiness", async () => {
    const base = world.indexer.url.replace("/graphql", "");
    assert.equal((await fetch(`${base}/health`)).status, 200);
    assert.equal((await ready(world.indexer)).status, 200);
    assert.match(await (await fetch(`${base}/schema.graphql`)).text(), /type NodeEpoch/);
    const page = await fetch(world.indexer.url, { headers: { accept: "text/html" } });
    assert.match(await page.text(), /graphiql/i);
    const { __schema } = await get(world.indexer, "{ __schema { queryType { fields { name } } } }");
    assert.ok(__schema.queryType.fields.length >= 14);
    assert.equal((await fetch(`${base}/nothing`)).status, 404);
  });

  it("shows an epoch as SETTLED while its settlement is posted and not active, then FINAL", async () => {
    const { chain, l2, indexer } = world;
    chain.close({ final: false });
    const query = `{ epoch(number: 2) { finality settlement { epoch state heldFor activatedBlock flkMinted } } accounts { nodes { settledEpoch } } }`;
    const epoch = async () => (await get(indexer, query)).epoch;
    await until("it is SETTLED", async () => (await epoch()).finality === "SETTLED");
    assert.equal((await epoch()).settlement, null);
    l2.finalized = l2.head;
    await until("its block is final", async () => (await epoch()).settlement !== null);
    assert.deepEqual(await epoch(), {
      finality: "SETTLED",
      settlement: { epoch: 2, state: "PENDING", heldFor: [], activatedBlock: null, flkMinted: null },
    });
    assert.equal((await ready(indexer)).status, 200);
    const { accounts } = await get(indexer, query);
    const settled = accounts.nodes.map((row: { settledEpoch: number | null }) => row.settledEpoch);
    assert.equal(Math.max(...settled), 1);
    chain.activate(2);
    await until("it is FINAL", async () => (await epoch()).finality === "FINAL");
    const { settlement } = await epoch();
    assert.deepEqual(
      { state: settlement.state, block: settlement.activatedBlock, minted: settlement.flkMinted },
      { state: "ACTIVE", block: l2.head, minted: String(chain.reports[2]?.flkMinted) },
    );
  });

  it("waits while a source does not answer, says so, and resumes", async () => {
    const { chain, l2Rpc, nodeRpc, indexer } = world;
    nodeRpc.down = true;
    await until("it is not ready", async () => (await ready(indexer)).status === 503);
    assert.match((await ready(indexer)).reasons.join(), /node: ERR_NODE_UNREACHABLE/);
    l2Rpc.down = true;
    await until("the L2 is missed", async () =>
      /l2: ERR_L2_UNREACHABLE/.test((await ready(indexer)).reasons.join()),
    );
    chain.block({ changes: [chain.pay(CLIENT, 5n)] });
    nodeRpc.down = false;
    l2Rpc.down = false;
    await caughtUp(world);
    const { account } = await get(indexer, `{ account(address: "${CLIENT}") { balance } }`);
    assert.equal(account.balance, "4988495");
  });
});

interface AccountPage {
  edges: { cursor: string; node: { address: string } }[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}
