import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { CLIENT, operatorOf } from "./support/chain.ts";
import { caughtUp, get, startWorld, until, type World } from "./support/world.ts";

type Told = Record<string, unknown>;

describe("subscriptions", () => {
  let world: World;

  before(async () => {
    world = await startWorld();
    world.chain.block({ changes: [world.chain.pay(CLIENT, 1n)] });
    await caughtUp(world);
  });
  after(() => world.stop());

  /** Over WebSocket; `seen` grows as answers come. */
  function subscribe(query: string): { seen: Told[]; errors: unknown[]; close(): Promise<void> } {
    const client = createClient({
      url: world.indexer.url.replace("http", "ws"),
      webSocketImpl: WebSocket,
      retryAttempts: 0,
    });
    const seen: Told[] = [];
    const errors: unknown[] = [];
    client.subscribe(
      { query },
      {
        next: ({ data, errors: problems }) => {
          if (data) seen.push(data as Told);
          if (problems) errors.push(...problems);
        },
        error: (error) => void errors.push(error),
        complete: () => undefined,
      },
    );
    return { seen, errors, close: async () => void (await client.dispose()) };
  }

  const begun = (...all: { seen: Told[] }[]) =>
    until("each told its state", async () => all.every(({ seen }) => seen.length > 0));

  it("tell each new block once and in order, over WebSocket", async () => {
    const blocks = subscribe("subscription { block { height epoch } }");
    await begun(blocks);
    const first = world.chain.blocks.length - 1;
    for (let i = 0; i < 5; i++) world.chain.block({ changes: [world.chain.pay(CLIENT, 1n)] });
    await until("all came", async () => blocks.seen.length >= 6);
    const heights = blocks.seen.map(({ block }) => (block as { height: number }).height);
    assert.deepEqual(
      heights,
      [0, 1, 2, 3, 4, 5].map((i) => first + i),
    );
    await blocks.close();
  });

  it("tell an account only when it changed, with what loaders read anew", async () => {
    const query = (address: string) => `subscription { account(address: "${address}") { balance } }`;
    const client = subscribe(query(CLIENT));
    const other = subscribe(query(operatorOf(5)));
    await begun(client, other);
    world.chain.block();
    world.chain.block({ changes: [world.chain.pay(CLIENT, 7n)] });
    await until("it came", async () => client.seen.length > 1);
    await caughtUp(world);
    const { account } = await get(world.indexer, `{ account(address: "${CLIENT}") { balance } }`);
    assert.deepEqual(client.seen.slice(1), [{ account }]);
    assert.equal(other.seen.length, 1);
    await client.close();
    await other.close();
  });

  it("tell an epoch as it closes, is verified and becomes final", async () => {
    const epochs = subscribe("subscription { epoch { number verified finality } }");
    await begun(epochs);
    world.chain.close();
    await until("it is final", async () =>
      epochs.seen.some(({ epoch }) => (epoch as { finality: string }).finality === "FINAL"),
    );
    const told = epochs.seen.map(({ epoch }) => epoch as { number: number; verified: boolean });
    assert.ok(
      told.some(({ number }) => number === 1),
      "the next epoch opened",
    );
    assert.equal(new Set(told.map((epoch) => JSON.stringify(epoch))).size > 1, true);
    await epochs.close();
  });

  describe("tell only what changed for who asks", () => {
    let told: ReturnType<typeof subscribe>[] = [];
    const listen = async (...queries: string[]) => {
      told = queries.map((query) => subscribe(`subscription { ${query} }`));
      await begun(...told);
      return told.map(({ seen }) => seen);
    };
    /** Waits for what a subscription to blocks is told after all that was there before. */
    const passed = async () => {
      await caughtUp(world);
      const blocks = subscribe("subscription { block { height } }");
      await begun(blocks);
      world.chain.block();
      await until("its block came", async () => blocks.seen.length > 1);
      await blocks.close();
    };
    afterEach(async () => {
      for (const { errors, close } of told) {
        assert.deepEqual(errors, []);
        await close();
      }
    });

    it("an epoch: its blocks to who counts them, its finality once, whoever posts and makes final", async () => {
      const [counted, epochs] = (await listen(
        "epoch { number blocks }",
        "epoch { number verified finality }",
      )) as [Told[], Told[]];
      const epoch = world.chain.epoch;
      for (let i = 0; i < 3; i++) {
        world.chain.block();
        await passed();
      }
      assert.ok(counted.length > 3);
      assert.equal(epochs.length, 1);
      world.chain.close({ final: false, activate: false });
      const last = () =>
        JSON.stringify(epochs.filter(({ epoch: row }) => (row as Told).number === epoch).at(-1));
      await until("it is settled", async () => last().includes("SETTLED"));
      world.l2.finalized = world.l2.head;
      await passed();
      world.chain.activate(epoch);
      await until("it is final", async () => last().includes("FINAL"));
      const answers = epochs.map((answer) => JSON.stringify(answer));
      assert.deepEqual(answers, [...new Set(answers)]);
    });

    it("a settlement: finality that its row does not have", async () => {
      world.chain.close({ activate: false });
      const epoch = world.chain.epoch - 1;
      await caughtUp(world);
      const [settlements, states] = (await listen(
        "settlement { epoch finality }",
        "settlement { epoch state }",
      )) as [Told[], Told[]];
      assert.deepEqual(settlements, [{ settlement: { epoch, finality: "SETTLED" } }]);
      world.l2.emit("settlement", "Held", {
        epoch: BigInt(epoch),
        digest: world.chain.digest(epoch),
        reasons: 1,
      });
      await until("it is held", async () => states.length > 1);
      await passed();
      assert.equal(settlements.length, 1);
      world.chain.activate(epoch);
      await until("it is final", async () => settlements.length > 1 && states.length > 2);
      assert.deepEqual(settlements[1], { settlement: { epoch, finality: "FINAL" } });
      assert.deepEqual(
        states.map(({ settlement }) => (settlement as Told).state),
        ["PENDING", "HELD", "ACTIVE"],
      );
    });

    it("a node: finality of its figures, which its row does not have, and its stake to who asks for it", async () => {
      world.chain.block({ changes: [world.chain.pay(CLIENT, 10n)] });
      world.chain.close({ activate: false });
      const epoch = world.chain.epoch - 1;
      await caughtUp(world);
      const [figures, stakes] = (await listen(
        "node(id: 2) { epochs(first: 1) { nodes { epoch finality } } }",
        "node(id: 2) { stake }",
      )) as [Told[], Told[]];
      const figure = (finality: string) => ({ node: { epochs: { nodes: [{ epoch, finality }] } } });
      assert.deepEqual(figures, [figure("SETTLED")]);
      world.chain.activate(epoch);
      await until("its figures are final", async () => figures.length > 1);
      world.l2.emit("staking", "StakeLocked", { nodeId: 2, lockedUntil: 1_800_000_000n });
      await passed();
      assert.deepEqual(figures.slice(1), [figure("FINAL")]);
      assert.equal(stakes.length, 1);
      world.l2.emit("staking", "StakeChanged", { nodeId: 2, staked: 7n, thawing: 0n });
      await until("its stake came", async () => stakes.length > 1);
      assert.deepEqual(stakes[1], { node: { stake: "7" } });
      assert.equal(figures.length, 2);
    });

    it("an account: what becomes claimable, and what its row knows nothing of", async () => {
      world.chain.block({ changes: [world.chain.pay(CLIENT, 100n)] });
      world.chain.close({ activate: false });
      await caughtUp(world);
      const operator = operatorOf(2);
      const [earnings, payees, nodes] = (await listen(
        `account(address: "${operator}") { epochs(first: 1) { nodes { earning { claimableStable } } } }`,
        `account(address: "${operator}") { payee }`,
        `account(address: "${operator}") { nodes { nodes { endpoints } } }`,
      )) as [Told[], Told[], Told[]];
      const earning = (claimableStable: string) => ({
        account: { epochs: { nodes: [{ earning: { claimableStable } }] } },
      });
      assert.deepEqual(earnings, [earning("0")]);
      world.chain.activate(world.chain.epoch - 1);
      await until("it can be claimed", async () => earnings.length > 1);
      world.l2.emit("staking", "EndpointsSet", { nodeId: 2, endpoints: "/dns4/two/tcp/1" });
      await until("its node moved", async () => nodes.length > 1);
      await passed();
      assert.deepEqual(earnings.slice(1), [earning("70")]);
      assert.equal(payees.length, 1);
    });
  });

  it("come as server-sent events, too", async () => {
    const query = encodeURIComponent("subscription { block { height } }");
    const abort = new AbortController();
    const response = await fetch(`${world.indexer.url}?query=${query}`, {
      headers: { accept: "text/event-stream" },
      signal: abort.signal,
    });
    assert.match(response.headers.get("content-type") ?? "", /text\/event-stream/);
    let text = "";
    let height = -1;
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk as Uint8Array, { stream: true });
      const told = text.match(/event: next\ndata: .*"height":\d+/g)?.length ?? 0;
      if (told === 1 && height < 0) {
        height = world.chain.blocks.length;
        world.chain.block();
      }
      if (told === 2) break;
    }
    abort.abort();
    assert.match(text, new RegExp(`"height":${height - 1}[^]*event: next\\ndata: .*"height":${height}`));
  });

  it("are held to the limits of queries", async () => {
    const costly = subscribe(
      `subscription { account(address: "${CLIENT}") { epochs(first: 1000) { nodes { epoch } } nodes(first: 1000) { nodes { epochs(first: 1000) { nodes { epoch } } } } } }`,
    );
    await until("it is refused", async () => costly.errors.length > 0);
    assert.match(JSON.stringify(costly.errors), /ERR_QUERY_TOO_COSTLY/);
    await costly.close();
  });

  it("of one address are 50 at most, however many connections it has, and leave their places to others", async () => {
    const open = await startWorld({}, { api: { trustProxy: true } });
    const query = "subscription { block { height } }";
    const answers: string[] = [];
    const of = (address: string) => {
      class From extends WebSocket {
        constructor(url: string, protocols: string) {
          super(url, protocols, { headers: { "x-forwarded-for": address } });
        }
      }
      const client = createClient({
        url: open.indexer.url.replace("http", "ws"),
        webSocketImpl: From,
        retryAttempts: 0,
      });
      const tell = (answer: unknown) => void answers.push(JSON.stringify(answer));
      return {
        client,
        open: () => client.subscribe({ query }, { next: tell, error: tell, complete: () => undefined }),
      };
    };
    const told = (count: number) => until("all are answered", async () => answers.length === count);
    try {
      open.chain.block();
      await caughtUp(open);
      const [one, same, other] = [of("2001:db8::1"), of("2001:db8::2"), of("2001:db8:0:1::1")];
      for (let i = 0; i < 25; i++) {
        one.open();
        same.open();
      }
      await told(50);
      assert.ok(answers.every((answer) => /"height"/.test(answer)));
      same.open();
      await told(51);
      assert.match(answers[50] as string, /ERR_QUERY_TOO_COSTLY/);
      other.open();
      await told(52);
      assert.match(answers[51] as string, /"height"/);
      await one.client.dispose();
      await until("a place is free", async () => {
        same.open();
        await told(answers.length + 1);
        return /"height"/.test(answers.at(-1) as string);
      });
      for (const { client } of [same, other]) await client.dispose();
    } finally {
      await open.stop();
    }
  });

  it("of clients that leave at once take no place", async () => {
    const client = createClient({
      url: world.indexer.url.replace("http", "ws"),
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      lazy: false,
    });
    const sink = { next: () => undefined, error: () => undefined, complete: () => undefined };
    for (let i = 0; i < 1_100; i++) client.subscribe({ query: "subscription { block { height } }" }, sink)();
    const stays = subscribe("subscription { block { height } }");
    await begun(stays);
    assert.deepEqual(stays.errors, []);
    await stays.close();
    await client.dispose();
  });

  it("end when the indexer stops", async () => {
    const open = await startWorld();
    const client = createClient({
      url: open.indexer.url.replace("http", "ws"),
      webSocketImpl: WebSocket,
      retryAttempts: 0,
    });
    const closed = new Promise((resolve) => client.on("closed", resolve));
    const connected = new Promise((resolve) => client.on("connected", resolve));
    client.subscribe(
      { query: "subscription { block { height } }" },
      { next: () => undefined, error: () => undefined, complete: () => undefined },
    );
    await connected;
    await open.stop();
    await closed;
  });
});
