import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { readFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { connect } from "node:net";
import { after, before, test } from "node:test";
import { createSession } from "#client/actions/create-session.ts";
import { delegate } from "#client/actions/delegate.ts";
import { handshake } from "#client/session/handshake.ts";
import { STATUS } from "#node/edge/http.ts";
import { createEdge } from "#node/edge/server.ts";
import { isFlkError } from "#protocol/errors/error.ts";
import { SignedDelegation } from "#protocol/types/ack.ts";
import { decode } from "#protocol/types/codec.ts";
import { fromHex, toHex } from "#protocol/types/hex.ts";
import { EpochReport } from "#protocol/types/settlement.ts";
import { network, RawClient } from "#test/node/delivery/support/raw-client.ts";
import {
  bytesOf,
  createWorld,
  NODE_ID,
  shiftableClock,
  systemClock,
  type World,
} from "#test/node/delivery/support/world.ts";

const clock = shiftableClock();
let world: World;
before(async () => {
  world = await createWorld({
    clock,
    submission: { tickMs: 60_000 },
    sessions: { maxSessions: 6 },
  });
});
after(() => world.close());

const at = (path: string) => world.edge.url() + path;
async function codeOf(response: Response): Promise<[number, string]> {
  const body = (await response.json()) as { code: string; message: string };
  assert.equal(typeof body.message, "string");
  return [response.status, body.code];
}
const post = (path: string, body: string) => fetch(at(path), { method: "POST", body });

test("prices, reports and health are public", async () => {
  assert.deepEqual(await (await fetch(at("/v1/prices"))).json(), {
    epoch: 3,
    services: [{ service: 0, prices: ["1000000000", "5"] }],
  });
  const report = await fetch(at("/v1/epochs/2/report"));
  assert.equal(decode(EpochReport, new Uint8Array(await report.arrayBuffer())).epoch, 2);
  assert.deepEqual(await codeOf(await fetch(at("/v1/epochs/3/report"))), [404, "ERR_REPORT_NOT_FOUND"]);
  assert.equal(((await (await fetch(at("/health"))).json()) as { status: string }).status, "ok");
});

test("browsers of any origin may call it", async () => {
  const preflight = await fetch(at("/v1/acks"), { method: "OPTIONS" });
  assert.equal(preflight.status, 204);
  assert.equal(preflight.headers.get("access-control-allow-origin"), "*");
  const offered = preflight.headers.get("access-control-allow-methods")?.split(", ");
  assert.deepEqual(offered, ["GET", "POST", "OPTIONS"]);
  assert.equal((await fetch(at("/health"), { method: "HEAD" })).status, 405, "what is not offered");
  assert.match(preflight.headers.get("access-control-allow-headers") ?? "", /flk-session/);
  assert.match(preflight.headers.get("access-control-expose-headers") ?? "", /flk-transfer/);
});

test("hostile requests get a coded refusal each", async () => {
  const secret = toHex(new Uint8Array(32));
  const hash = "0".repeat(64);
  assert.deepEqual(await codeOf(await fetch(at("/nothing"))), [404, "ERR_NOT_FOUND"]);
  assert.deepEqual(await codeOf(await fetch(at("/v1/blake3/../../etc/passwd"))), [404, "ERR_NOT_FOUND"]);
  assert.deepEqual(await codeOf(await fetch(at("/v1/acks"))), [405, "ERR_METHOD"]);
  assert.deepEqual(await codeOf(await post("/v1/acks", "{")), [400, "ERR_REQUEST"]);
  assert.deepEqual(await codeOf(await post("/v1/acks", "[]")), [400, "ERR_REQUEST"]);
  assert.deepEqual(await codeOf(await post("/v1/acks", "null")), [400, "ERR_REQUEST"]);
  assert.deepEqual(await codeOf(await post("/v1/sessions", "x".repeat(200_000))), [
    413,
    "ERR_BODY_TOO_LARGE",
  ]);
  assert.deepEqual(await codeOf(await fetch(at(`/v1/blake3/${hash}`))), [401, "ERR_SESSION_REQUIRED"]);
  const headers = { "flk-session": secret };
  assert.deepEqual(await codeOf(await fetch(at(`/v1/blake3/${hash}`), { headers })), [
    401,
    "ERR_SESSION_UNKNOWN",
  ]);
  assert.deepEqual(await codeOf(await fetch(at("/v1/session"), { headers: { "flk-session": "zz" } })), [
    400,
    "ERR_HEX",
  ]);
  const body = { network: toHex(network.networkId), session: secret, ack: "0x00", deliveries: [] };
  assert.deepEqual(await codeOf(await post("/v1/acks", JSON.stringify(body))), [401, "ERR_SESSION_UNKNOWN"]);
  const raw = await RawClient.open(world, world.customer(1));
  const bad = { ...body, session: raw.opened.id };
  assert.deepEqual(await codeOf(await post("/v1/acks", JSON.stringify(bad))), [400, "ERR_DECODE"]);
  assert.deepEqual(await codeOf(await raw.get(`0x${hash}`)), [404, "ERR_CONTENT_NOT_FOUND"]);
  const content = await world.put(bytesOf(100, 1));
  assert.deepEqual(await codeOf(await raw.get(content, { range: "bytes=100-" })), [416, "ERR_RANGE"]);
  assert.deepEqual(await codeOf(await raw.get(content, { range: "bytes=0-1,3-4" })), [416, "ERR_RANGE"]);
  const part = await raw.get(content, { range: "bytes=10-19" });
  assert.deepEqual([part.status, part.headers.get("content-range")], [206, "bytes 10-19/100"]);
  assert.deepEqual(new Uint8Array(await part.arrayBuffer()), bytesOf(100, 1).subarray(10, 20));
});

test("bytes that are not HTTP do not stop the server", async () => {
  const { hostname, port } = new URL(world.edge.url());
  await new Promise<void>((resolve) => {
    const socket = connect(Number(port), hostname, () =>
      socket.end(Buffer.from([0, 1, 2, 0xff, 13, 10, 13, 10])),
    );
    socket.on("error", () => undefined).resume();
    socket.on("close", () => resolve());
  });
  assert.equal((await fetch(at("/health"))).status, 200);
});

test("a handshake opens a session once, for the one who holds the session key", async () => {
  const customer = world.customer(2);
  const node = world.chain.node(NODE_ID);
  assert.ok(node);
  const sent: string[] = [];
  const spy: typeof fetch = (input, init) => {
    sent.push(String(init?.body));
    return fetch(input, init);
  };
  const base = {
    network,
    url: world.edge.url(),
    node,
    account: customer.account,
    service: 0,
    commodity: 0,
    lane: 0,
  };
  await handshake({ ...base, fetch: spy, session: customer.key });
  const proof = JSON.parse(sent[1] as string) as Record<string, unknown>;
  const again = (change: object) => post("/v1/sessions", JSON.stringify({ ...proof, ...change }));
  assert.deepEqual(await codeOf(await again({})), [401, "ERR_CHALLENGE"], "a replay");
  assert.deepEqual(
    await codeOf(await again({ lane: 1 })),
    [401, "ERR_CHALLENGE"],
    "an answer to another question",
  );
  assert.deepEqual(await codeOf(await again({ network: toHex(new Uint8Array(32)) })), [400, "ERR_NETWORK"]);
  const other = createSession();
  const impostor = { ...other, publicKey: customer.key.publicKey };
  const stolen = handshake({ ...base, fetch, session: impostor });
  await assert.rejects(stolen, (error) => isFlkError(error, "ERR_HANDSHAKE_SIGNATURE"));
  const slow: typeof fetch = async (input, init) => {
    if (String(init?.body).includes("nodeChallenge")) clock.shift(31_000);
    return fetch(input, init);
  };
  await assert.rejects(handshake({ ...base, fetch: slow, session: customer.key }), (e) =>
    isFlkError(e, "ERR_CHALLENGE"),
  );
});

/** How many of them the node still knows. */
async function known(clients: RawClient[]): Promise<number> {
  const answers = clients.map(({ opened }) =>
    fetch(at("/v1/session"), { headers: { "flk-session": opened.id } }),
  );
  return (await Promise.all(answers)).filter(({ status }) => status === 200).length;
}

test("sessions are bounded: an account may have all that nobody else asks for, and gives way to those that have fewer", async () => {
  clock.shift(300_001);
  const site = world.customer(3);
  const visitors: RawClient[] = [];
  for (let lane = 0; lane < 7; lane++) visitors.push(await RawClient.open(world, site, { lane }));
  assert.equal(await known(visitors), 6, "its own quietest goes when it asks for more than there is");
  assert.equal(await known(visitors.slice(0, 1)), 0);
  const second = [];
  for (let lane = 0; lane < 5; lane++) second.push(await RawClient.open(world, world.customer(10), { lane }));
  assert.equal(await known(second), 3, "half each");
  assert.equal(await known(visitors), 3);
  const others = [];
  for (let id = 11; id < 15; id++) others.push(await RawClient.open(world, world.customer(id)));
  assert.deepEqual([await known(others), await known([...visitors, ...second])], [4, 2], "one each");
  const late = RawClient.open(world, world.customer(15));
  await assert.rejects(late, (error) => isFlkError(error, "ERR_TOO_MANY_SESSIONS"));
  clock.shift(300_001);
  await RawClient.open(world, world.customer(15));
});

test("before it checks a signature, a node looks at what costs nothing: the challenge, the key on the chain, the delegation", async () => {
  const customer = world.customer(30);
  const node = world.chain.node(NODE_ID);
  assert.ok(node);
  const wrong = { ...customer.key, sign: () => new Uint8Array(64) };
  const base = { network, url: world.edge.url(), node, service: 0, commodity: 0, lane: 0 };
  const open = (account: `0x${string}`) => handshake({ ...base, fetch, account, session: wrong });
  await assert.rejects(open(toHex(new Uint8Array(20).fill(99))), (e) => isFlkError(e, "ERR_UNKNOWN_SESSION"));
  await assert.rejects(open(customer.account), (e) => isFlkError(e, "ERR_HANDSHAKE_SIGNATURE"));
  const page = createSession();
  const { account, key } = customer;
  const given = { account, session: key, subkey: page.publicKey, limit: 1n, epochs: { from: 90, to: 91 } };
  const early = decode(SignedDelegation, fromHex(delegate(world.client, given)));
  const forged = toHex(SignedDelegation.serialize({ ...early, signature: new Uint8Array(64) }));
  const late = handshake({ ...base, fetch, account, session: page, delegation: forged });
  await assert.rejects(late, (e) => isFlkError(e, "ERR_DELEGATION_EXPIRED"));
});

test("a response that is written to after its end is logged, and the node goes on", async () => {
  const channel = "http.server.request.start";
  const write = (message: unknown): void => {
    const { response } = message as { response: ServerResponse };
    response.on("prefinish", () => response.write("more"));
  };
  subscribe(channel, write);
  const answer = await fetch(at("/health")).finally(() => unsubscribe(channel, write));
  assert.equal(answer.status, 200);
  const failed = world.logger.lines.filter(({ event }) => event === "edge.response_failed");
  assert.match(String(failed[0]?.fields.message), /write after end/);
  assert.equal((await fetch(at("/health"))).status, 200);
});

test("a port in use is named together with the option that changes it", async () => {
  const port = Number(new URL(world.edge.url()).port);
  const { delivery, content, chain, logger, metrics } = world;
  const second = createEdge({
    host: "127.0.0.1",
    port,
    portOption: "handshake.port",
    context: network,
    self: 1,
    signer: createSession(),
    clock: systemClock,
    ...{ delivery, content, chain, logger, metrics },
  });
  await assert.rejects(second.start(), (error) => {
    return (
      isFlkError(error, "ERR_PORT_IN_USE") &&
      error.message.includes(String(port)) &&
      error.message.includes("handshake.port")
    );
  });
});

test("the page's table of refusals has every code under its status", async () => {
  const page = await readFile(new URL("../../../docs/spec/delivery.md", import.meta.url), "utf8");
  const rows = page.matchAll(/^\| (\d{3}) \| (.*) \|$/gm).map(([, status, text]) => {
    const codes = (text as string).matchAll(/`(ERR_[A-Z_]+)`/g).map(([, code]) => code);
    return [...codes].map((code) => [code, Number(status)]);
  });
  const shown = Object.fromEntries([...rows].flat());
  assert.deepEqual(shown, STATUS);
});
