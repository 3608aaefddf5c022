import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { after, before, test } from "node:test";
import { fetchContent } from "#client/actions/fetch-content.ts";
import { memoryLaneStore } from "#client/session/lane-store.ts";
import { isAckConflict } from "#protocol/digests/ack-conflict.ts";
import { networkContext } from "#protocol/digests/network.ts";
import { errorCode, isFlkError } from "#protocol/errors/error.ts";
import { CREDIT_WINDOW_BYTES } from "#protocol/params/limits.ts";
import { SignedAck } from "#protocol/types/ack.ts";
import { decode } from "#protocol/types/codec.ts";
import { fromHex } from "#protocol/types/hex.ts";
import { bytesOf, CHAIN_ID, createWorld, SETTLEMENT, type World } from "#test/node/delivery/support/world.ts";
import { eventually } from "#test/node/support/eventually.ts";
import { serve } from "./support/serve.ts";

let world: World;
before(async () => {
  world = await createWorld({ creditTimeoutMs: 300, submission: { tickMs: 60_000 } });
});
after(() => world.close());

/** Passes every request on to the node, and has `tell` say to the client what comes of it. */
function passOn(
  tell: (asked: { path: string; body: Buffer }, answer: Response, response: ServerResponse) => Promise<void>,
): Promise<string> {
  return serve((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const [path, body] = [request.url ?? "", Buffer.concat(chunks)];
      const session = request.headers["flk-session"];
      const answer = await fetch(world.edge.url() + path, {
        method: request.method ?? "GET",
        ...(body.length > 0 && { body }),
        headers: typeof session === "string" ? { "flk-session": session } : {},
      });
      await tell({ path, body }, answer, response);
    })().catch(() => response.destroy());
  });
}

/** Says to the client what the node does, with another body. */
function say(answer: Response, body: Uint8Array, response: ServerResponse): void {
  const transfer = answer.headers.get("flk-transfer");
  const headers = { "content-length": body.length, ...(transfer !== null && { "flk-transfer": transfer }) };
  response.writeHead(answer.status, headers).end(body);
}

const isContent = (path: string, { ok }: Response): boolean => ok && path.startsWith("/v1/blake3/");
const bodyOf = async (answer: Response): Promise<Uint8Array> => new Uint8Array(await answer.arrayBuffer());

/** Lets `change` spoil the body of contents. */
function spoiling(change: (body: Uint8Array) => Uint8Array): Promise<string> {
  return passOn(async ({ path }, answer, response) => {
    const body = await bodyOf(answer);
    say(answer, isContent(path, answer) ? change(body) : body, response);
  });
}

/** Lets no byte of a content arrive: the node believes that it sent them. */
function swallowing(): Promise<string> {
  return passOn(async ({ path }, answer, response) => {
    if (!isContent(path, answer)) return say(answer, await bodyOf(answer), response);
    const names = ["content-length", "flk-transfer"].map((name) => [name, answer.headers.get(name) ?? ""]);
    response.writeHead(200, Object.fromEntries(names)).flushHeaders();
    await answer.body?.cancel();
    response.destroy();
  });
}

test("a node that claims to have sent what never came is signed for one window at most, however often the client opens and asks", async () => {
  const thief = await swallowing();
  const hash = await world.put(bytesOf(3_000_000, 20));
  const store = memoryLaneStore();
  let session = await world.open(world.customer(20), { url: thief, store });
  for (let i = 0; i < 4; i++) {
    await assert.rejects(fetchContent(session, { hash }));
    session = await world.open(world.customer(20), { url: thief, store });
  }
  assert.ok(session.acknowledged.units > 0n);
  assert.ok(session.acknowledged.units <= BigInt(CREDIT_WINDOW_BYTES), `${session.acknowledged.units}`);
});

test("a key whose debts fill the window, because two windows were lost, is served again after two whole epochs, one step at first", async () => {
  const lossy = await swallowing();
  const hash = await world.put(bytesOf(3_000_000, 21));
  const store = memoryLaneStore();
  let session = await world.open(world.customer(21), { url: lossy, store });
  const lose = () =>
    fetchContent(session, { hash, retries: 0 }).then(() => assert.fail("it arrived"), errorCode);
  while ((await lose()) !== "ERR_CREDIT_EXHAUSTED")
    session = await world.open(world.customer(21), { url: lossy, store });
  session = await world.open(world.customer(21), { store });
  await assert.rejects(fetchContent(session, { hash }), { code: "ERR_CREDIT_EXHAUSTED" });
  for (let turn = 0; turn < 3; turn++) {
    session = await world.open(world.customer(21), { store });
    if (turn < 2) assert.ok((await session.status()).unacknowledged.length > 0);
    world.chain.turn();
  }
  await eventually("the debt is written off", async () => {
    return (await session.status()).unacknowledged.length === 0;
  });
  assert.equal((await fetchContent(session, { hash })).length, 3_000_000);
});

test("wrong bytes are detected, and the last half window of them is never acknowledged", async () => {
  const spoil = await spoiling((body) => {
    const bad = new Uint8Array(body);
    bad[10] = (bad[10] as number) ^ 1;
    return bad;
  });
  const hash = await world.put(bytesOf(200_000, 1));
  const session = await world.open(world.customer(1), { url: spoil });
  await assert.rejects(fetchContent(session, { hash }), (error) => isFlkError(error, "ERR_CONTENT_HASH"));
  assert.ok(session.acknowledged.units <= 200_000n - 131_072n);
});

test("a node that is not the registered one is not talked to", async () => {
  const customer = world.customer(2);
  const node = world.chain.node(4);
  assert.ok(node);
  world.chain.nodeViews.set(4, { ...node, networkKey: customer.key.publicKey });
  await assert.rejects(world.open(customer), (error) => isFlkError(error, "ERR_NODE_IDENTITY"));
  world.chain.nodeViews.set(4, node);
});

test("a refusal arrives with the node's own code", async () => {
  const unauthorised = {
    ...world.customer(3),
    account: "0x00000000000000000000000000000000000000ff" as const,
  };
  await assert.rejects(world.open(unauthorised), (error) => isFlkError(error, "ERR_UNKNOWN_SESSION"));
  const expired = world.customer(4, { expiryEpoch: 1 });
  await assert.rejects(world.open(expired), (error) => isFlkError(error, "ERR_SESSION_EXPIRED"));
  const poor = world.customer(5, { balance: 0n });
  await assert.rejects(world.open(poor), (error) => isFlkError(error, "ERR_INSUFFICIENT_BALANCE"));
  const spent = world.customer(6, { limit: 0n });
  await assert.rejects(world.open(spent), (error) => isFlkError(error, "ERR_SESSION_BUDGET"));
  const session = await world.open(world.customer(7));
  const hash = `0x${"00".repeat(32)}` as const;
  await assert.rejects(fetchContent(session, { hash }), (error) =>
    isFlkError(error, "ERR_CONTENT_NOT_FOUND"),
  );
});

test("a session over its limit ends with ERR_ACK_LIMIT, and what was acknowledged before stays", async () => {
  const session = await world.open(world.customer(8, { limit: 300_000n }));
  const hash = await world.put(bytesOf(900_000, 8));
  await assert.rejects(fetchContent(session, { hash }), (error) => isFlkError(error, "ERR_ACK_LIMIT"));
  const { revenue } = world.delivery.status();
  assert.ok(revenue.units > 100_000n);
});

test("opening ends with ERR_ABORTED once the caller gave up, and what the node says was lost is not signed for", async () => {
  const lossy = await swallowing();
  const abort = new AbortController();
  let status = 0;
  const through = {
    ...world.client,
    fetch: (async (url: string, init?: RequestInit) => {
      if (String(url).endsWith("/v1/session")) {
        status += 1;
        abort.abort();
      }
      return fetch(url, init);
    }) as typeof fetch,
  };
  const hash = await world.put(bytesOf(900_000, 22));
  const store = memoryLaneStore();
  const lost = await world.open(world.customer(22), { url: lossy, store });
  await assert.rejects(fetchContent(lost, { hash, retries: 0 }));
  const before = world.delivery.status().acks.accepted;
  const opening = world.open(world.customer(22), { store, signal: abort.signal }, through);
  await assert.rejects(opening, { code: "ERR_ABORTED" });
  assert.deepEqual([status, world.delivery.status().acks.accepted], [1, before]);
});

test("opening at a node that says nothing ends when the caller's signal does", async () => {
  const url = await serve(() => undefined);
  const opening = world.open(world.customer(22), { url, signal: AbortSignal.timeout(50) });
  const since = performance.now();
  await assert.rejects(opening);
  assert.ok(performance.now() - since < 9_000, "it does not wait for the node");
  await assert.rejects(world.open(world.customer(22), { url, signal: AbortSignal.abort() }), {
    code: "ERR_ABORTED",
  });
});

test("giving up with a signal ends with ERR_ABORTED, and the session goes on", async () => {
  const session = await world.open(world.customer(9));
  const hash = await world.put(bytesOf(2_000_000, 9));
  const abort = new AbortController();
  const fetching = fetchContent(session, { hash, signal: abort.signal });
  setTimeout(() => abort.abort(), 5);
  await assert.rejects(fetching, (error) => isFlkError(error, "ERR_ABORTED"));
  assert.equal((await fetchContent(session, { hash })).length, 2_000_000);
});

/** Keeps quiet about the acknowledgements that the node holds, when a session opens; keeps those that come. */
async function withholding(): Promise<{ url: string; posted: SignedAck[] }> {
  const posted: SignedAck[] = [];
  const url = await passOn(async ({ path, body: sent }, answer, response) => {
    if (path === "/v1/acks") posted.push(decode(SignedAck, fromHex(JSON.parse(sent.toString()).ack)));
    const body = Buffer.from(await answer.arrayBuffer());
    const opened = path === "/v1/sessions" && answer.status === 201;
    const quiet = (): Buffer => Buffer.from(JSON.stringify({ ...JSON.parse(body.toString()), newest: [] }));
    say(answer, opened ? quiet() : body, response);
  });
  return { url, posted };
}

test("a node that withholds what it holds makes a client sign one count twice that kept nothing, and no other", async () => {
  const thief = await withholding();
  const contents = [await world.put(bytesOf(1_000, 31)), await world.put(bytesOf(2_000, 32))] as const;
  const store = memoryLaneStore();
  const keeps = { url: thief.url, store };
  await fetchContent(await world.open(world.customer(30), keeps), { hash: contents[0] });
  await fetchContent(await world.open(world.customer(30), keeps), { hash: contents[1] });
  const signed = new Map(thief.posted.map((one) => [one.ack.count, one]));
  assert.deepEqual([...signed.keys()], [1, 2]);
  for (const one of thief.posted.splice(0)) assert.deepEqual(one, signed.get(one.ack.count));

  const forgets = () => world.open(world.customer(31), { url: thief.url, store: memoryLaneStore() });
  await fetchContent(await forgets(), { hash: contents[0] });
  await assert.rejects(fetchContent(await forgets(), { hash: contents[1] }), (error) =>
    isFlkError(error, "ERR_ACK_CONFLICT"),
  );
  const [first, second] = thief.posted as [SignedAck, SignedAck];
  assert.ok(
    isAckConflict(networkContext(CHAIN_ID, SETTLEMENT).networkId, { first, second, delegations: [] }),
  );
});
