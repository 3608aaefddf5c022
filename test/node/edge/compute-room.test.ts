import assert from "node:assert/strict";
import { connect, type Socket } from "node:net";
import { after, before, mock, test } from "node:test";
import { runModule } from "#client/session/run.ts";
import { ComputeRoom } from "#node/edge/compute/room.ts";
import { isFlkError } from "#protocol/errors/error.ts";
import { COMMODITY } from "#protocol/types/ack.ts";
import { SESSION_HEADER } from "#protocol/types/edge-http.ts";
import type { Hex } from "#protocol/types/hex.ts";
import { RawClient } from "#test/node/delivery/support/raw-client.ts";
import { createWorld, filled, type World } from "#test/node/delivery/support/world.ts";
import { eventually } from "#test/node/support/eventually.ts";
import { ECHO, FOREVER } from "./support/wasm.ts";

const commodity = COMMODITY.compute;
const isBusy = (error: unknown) => isFlkError(error, "ERR_COMPUTE_BUSY");
let world: World;
const sockets: Socket[] = [];
before(async () => {
  world = await createWorld({ creditTimeoutMs: 3_000, submission: { tickMs: 60_000 }, takeMs: 200 });
  for (const service of world.chain.serviceViews) service.prices = [1_000_000_000n, 1_000_000_000n];
});
after(async () => {
  for (const socket of sockets) socket.destroy();
  await world.close();
});

const open = (customer: number) => RawClient.open(world, world.customer(customer), { commodity });

function dial(): Socket {
  const { hostname, port } = new URL(world.edge.url());
  const socket = connect(Number(port), hostname);
  socket.on("error", () => undefined);
  sockets.push(socket);
  return socket;
}

const request = ({ opened }: RawClient, module: Hex, length: number, body = ""): string =>
  [
    `POST /v1/compute/${module.slice(2)} HTTP/1.1\r\nhost: node`,
    `${SESSION_HEADER}: ${opened.id}`,
    `content-length: ${length}\r\n\r\n${body}`,
  ].join("\r\n");

test("inputs that come slowly keep nobody from a run", async () => {
  const module = await world.put(ECHO);
  for (const raw of [await open(1), await open(9)]) {
    for (const socket of Array.from({ length: 4 }, dial)) socket.write(request(raw, module, 1_000, "x"));
  }
  await fetch(`${world.edge.url()}/health`);
  const session = await world.open(world.customer(2), { commodity });
  const { output } = await runModule(session, { module, input: filled(3, 7) });
  assert.deepEqual(output, filled(3, 7));
});

test("one account has half of the runs at most, whatever its sessions", async () => {
  const module = await world.put(FOREVER);
  const echo = await world.put(ECHO);
  const customer = world.customer(3);
  const first = await world.open(customer, { commodity });
  const second = await world.open(customer, { commodity, lane: 1 });
  const abort = new AbortController();
  const running = runModule(first, { module, signal: abort.signal, maxMs: 30_000 }).catch(() => undefined);
  await eventually("it runs", () => first.acknowledged.units > 0n);
  await assert.rejects(runModule(second, { module: echo }), isBusy);
  const offer = (await (await fetch(`${world.edge.url()}/v1/offer`)).json()) as { load: number };
  assert.ok(offer.load >= 50, "half of its runs are under way");
  await runModule(await world.open(world.customer(4), { commodity }), { module: echo });
  abort.abort();
  await running;
});

test("ms are counted apart from bytes", () => {
  const { metrics, delivery } = world;
  assert.ok(metrics.value("flk_delivery_ms_total") > 0);
  assert.deepEqual([metrics.value("flk_delivery_bytes_total"), delivery.status().bytesServed], [0, 0n]);
});

test("who hangs up while the module is read has no run", async () => {
  const raw = await open(5);
  const module = await world.put(FOREVER);
  const openContent = world.content.open.bind(world.content);
  const read = Promise.withResolvers<void>();
  const reading = mock.method(world.content, "open", async (...args: Parameters<typeof openContent>) => {
    await read.promise;
    return openContent(...args);
  });
  const socket = dial();
  socket.write(request(raw, module, 0));
  await eventually("it reads", () => reading.mock.callCount() === 1);
  socket.destroy();
  const other = await open(6);
  await other.status();
  read.resolve();
  await eventually("it ends", async () => (await raw.status()).ended !== null);
  reading.mock.restore();
  const { ended, unacknowledged } = await raw.status();
  assert.deepEqual([ended?.code, unacknowledged], ["ERR_CLIENT_GONE", []]);
});

test("an answer that nobody takes is dropped, and has an end for the client who asks", async () => {
  const [ahead, behind] = [await open(7), await open(8)];
  const [forever, echo] = [await world.put(FOREVER), await world.put(ECHO)];
  // the second answer cannot begin before the first has ended
  dial().write(request(ahead, forever, 0) + request(behind, echo, 3, "abc"));
  await eventually("it ends", async () => (await behind.status()).ended !== null);
  const { ended, unacknowledged } = await behind.status();
  assert.deepEqual([ended?.code, unacknowledged.length], ["ERR_CLIENT_GONE", 1]);
});

test("what is held of inputs and outputs is bounded, for an account and in all, and given back", () => {
  const room = new ComputeRoom({ maxRuns: 4 });
  const visits = Array.from({ length: 9 }, () => room.enter(filled(20, 1)));
  const last = visits.pop() ?? assert.fail();
  for (const visit of visits) visit.input(1 << 20);
  last.input(1);
  assert.throws(() => last.input(1), isBusy);
  assert.throws(() => room.enter(filled(20, 1)), isBusy);
  const others = Array.from({ length: 7 }, (_, i) => room.enter(filled(20, 2 + i)));
  for (const visit of others) visit.over(8 << 20);
  assert.throws(() => room.enter(filled(20, 99)), isBusy);
  for (const visit of [...visits, ...others]) visit.leave();
  room.enter(filled(20, 1)).leave();
});

test("a visit that leaves gives back its run, begun or over", () => {
  const room = new ComputeRoom({ maxRuns: 2 });
  const visit = room.enter(filled(20, 1));
  const waits = room.enter(filled(20, 1));
  visit.begin();
  assert.throws(() => waits.begin(), isBusy);
  assert.equal(room.load, 50);
  visit.over(100);
  waits.begin();
  visit.leave();
  waits.leave();
  assert.equal(room.load, 0);
});
