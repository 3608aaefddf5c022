import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { memoryLaneStore } from "#client/session/lane-store.ts";
import { runModule } from "#client/session/run.ts";
import { isFlkError } from "#protocol/errors/error.ts";
import { creditSteps } from "#protocol/params/credit.ts";
import { COMMODITY } from "#protocol/types/ack.ts";
import { MAX_COMPUTE_OUTPUT_BYTES, SESSION_HEADER } from "#protocol/types/edge-http.ts";
import { fromHex, type Hex } from "#protocol/types/hex.ts";
import { RawClient } from "#test/node/delivery/support/raw-client.ts";
import {
  bytesOf,
  type Customer,
  createWorld,
  shiftableClock,
  type World,
} from "#test/node/delivery/support/world.ts";
import { eventually } from "#test/node/support/eventually.ts";
import { BUSY, ECHO, FOREVER, host, moduleOf, op, repeat } from "./support/wasm.ts";

const STEP = creditSteps(COMMODITY.compute).first;
const clock = shiftableClock();
let world: World;
before(async () => {
  world = await createWorld({ clock, creditTimeoutMs: 1_000, submission: { tickMs: 60_000 } });
  // one micro-USD a ms
  for (const service of world.chain.serviceViews) service.prices = [1_000_000_000n, 1_000_000_000n];
});
after(() => world.close());

const commodity = COMMODITY.compute;
const open = (customer: Customer) => world.open(customer, { commodity });
const refusal = (code: string) => (error: unknown) => isFlkError(error, code);

test("a module runs on its input, and the account pays for the ms that it took", async () => {
  const customer = world.customer(1);
  const module = await world.put(ECHO);
  const session = await open(customer);
  const input = bytesOf(60_000, 1);
  const { output, ms } = await runModule(session, { module, input });
  assert.deepEqual(output, input);
  assert.ok(ms >= 1);
  assert.deepEqual([session.acknowledged.count, session.acknowledged.units], [1, BigInt(ms)]);
  const before = world.chain.account(fromHex(customer.account))?.balance ?? 0n;
  clock.shift(3_001);
  await world.delivery.flush();
  world.chain.commit();
  assert.equal(world.chain.account(fromHex(customer.account))?.balance, before - BigInt(ms));
});

test("what takes long is acknowledged while it runs, and goes on past the first window", async () => {
  const session = await open(world.customer(2));
  const module = await world.put(FOREVER);
  const running = runModule(session, { module, maxMs: 3 * STEP });
  await eventually("it is acknowledged", () => session.acknowledged.units > 200n);
  await assert.rejects(running, refusal("ERR_COMPUTE_TIMEOUT"));
  assert.equal(session.acknowledged.units, BigInt(3 * STEP));
  assert.ok(session.acknowledged.count >= 4);
});

test("traps, foreign imports, too much memory, too much output and what is no module end in a code, and the node goes on", async () => {
  const session = await open(world.customer(3));
  const flood = [op.constant(0), op.constant(65_536), op.call(host.writeOutput)];
  const cases: [Uint8Array, string][] = [
    [moduleOf([op.unreachable]), "ERR_COMPUTE_TRAP"],
    [moduleOf([op.constant(0), op.constant(0), op.constant(1), op.call(host.readInput)]), "ERR_COMPUTE_TRAP"],
    [moduleOf([op.constant(-1), op.constant(9), op.call(host.writeOutput)]), "ERR_COMPUTE_TRAP"],
    [moduleOf([op.call(host.run)]), "ERR_COMPUTE_TRAP"],
    [moduleOf([op.loop, ...flood, op.br(0), op.end]), "ERR_COMPUTE_OUTPUT"],
    [moduleOf([], { pages: 2_000 }), "ERR_COMPUTE_MODULE"],
    [moduleOf([], { memories: 2 }), "ERR_COMPUTE_MODULE"],
    [ECHO.subarray(0, 40), "ERR_COMPUTE_MODULE"],
    [bytesOf(5_000, 3), "ERR_COMPUTE_MODULE"],
    [new Uint8Array(), "ERR_COMPUTE_MODULE"],
    [new Uint8Array((1 << 22) + 1), "ERR_COMPUTE_MODULE"],
    [
      Uint8Array.from(Buffer.from(Buffer.from(ECHO).toString("latin1").replace("flk", "env"), "latin1")),
      "ERR_COMPUTE_MODULE",
    ],
  ];
  for (const [bytes, code] of cases) {
    const module = await world.put(bytes);
    await assert.rejects(runModule(session, { module }), refusal(code), `${bytes.length} bytes`);
  }
  const absent: Hex = `0x${"ab".repeat(32)}`;
  await assert.rejects(runModule(session, { module: absent }), refusal("ERR_CONTENT_NOT_FOUND"));
  const module = await world.put(ECHO);
  const full = new Uint8Array(65_536).fill(7);
  assert.deepEqual((await runModule(session, { module, input: full })).output, full);
  const large = new Uint8Array(MAX_COMPUTE_OUTPUT_BYTES + 1);
  await assert.rejects(runModule(session, { module, input: large }), refusal("ERR_BODY_TOO_LARGE"));
});

test("a module that is read wrongly is refused as the node's trouble, and nothing is billed", async (t) => {
  const session = await open(world.customer(14));
  const module = await world.put(ECHO);
  const honest = world.content.open.bind(world.content);
  t.mock.method(world.content, "open", async (...args: Parameters<typeof honest>) => {
    const content = await honest(...args);
    const read: typeof content.read = async (offset, length) => {
      const bytes = await content.read(offset, length);
      if (offset === 0) bytes[0] = (bytes[0] as number) ^ 1;
      return bytes;
    };
    return { ...content, read };
  });
  await assert.rejects(runModule(session, { module }), refusal("ERR_CONTENT_CORRUPT"));
  t.mock.restoreAll();
  await runModule(session, { module });
  assert.equal(session.acknowledged.count, 1);
});

test("memory grows to its bound and no further", async () => {
  const session = await open(world.customer(4));
  const grow = [op.constant(5_000), op.grow, op.constant(0), op.lessUnsigned, op.drop];
  const { output } = await runModule(session, { module: await world.put(moduleOf(grow)) });
  assert.equal(output.length, 0);
});

test("output may come byte by byte, and in pieces of nothing", async () => {
  const session = await open(world.customer(11));
  const write = (length: number) => [op.constant(0), op.constant(length), op.call(host.writeOutput)];
  const module = await world.put(moduleOf(repeat(MAX_COMPUTE_OUTPUT_BYTES, [...write(1), ...write(0)])));
  const { output } = await runModule(session, { module });
  assert.equal(output.length, MAX_COMPUTE_OUTPUT_BYTES);
});

/** Asks for a run and signs nothing. */
async function ask(customer: Customer, module: Hex, of: number = commodity) {
  const raw = await RawClient.open(world, customer, { commodity: of });
  const response = await fetch(`${world.edge.url()}/v1/compute/${module.slice(2)}`, {
    method: "POST",
    headers: { [SESSION_HEADER]: raw.opened.id },
  });
  return { response, raw };
}

test("a client that acknowledges nothing gets one window: the run stands still, and ends", async () => {
  const { response, raw } = await ask(world.customer(5), await world.put(FOREVER));
  const lines = (await response.text())
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.equal(lines.at(-1).error.code, "ERR_CREDIT_TIMEOUT");
  assert.equal(lines.at(-1).ms, STEP);
  const { unacknowledged, ended } = await raw.status();
  assert.deepEqual(
    unacknowledged.map(({ units }) => units),
    [String(STEP)],
  );
  assert.equal(ended?.code, "ERR_CREDIT_TIMEOUT");
});

test("an account that runs out of money during a run pays for no more than it has, the run ends, and no other begins until there is money", async () => {
  const customer = world.customer(12, { balance: 400n });
  const account = world.chain.account(fromHex(customer.account)) ?? assert.fail();
  const module = await world.put(FOREVER);
  const store = memoryLaneStore();
  const opening = () => world.open(customer, { commodity, store, maxReserve: 0n });
  const session = await opening();
  await assert.rejects(runModule(session, { module }), refusal("ERR_ACK_BALANCE"));
  const signed = session.acknowledged.units;
  assert.ok(signed > 400n, `${signed}`);
  const paidAfter = async (): Promise<bigint> => {
    clock.shift(3_001);
    await world.delivery.flush();
    world.chain.commit();
    return account.balance;
  };
  const left = await paidAfter();
  assert.ok(left >= 0n && left <= 400n, `${left}`);
  await assert.rejects(opening(), refusal(left === 0n ? "ERR_INSUFFICIENT_BALANCE" : "ERR_ACK_BALANCE"));
  account.balance += 5_000n;
  const again = await opening();
  assert.ok(again.acknowledged.units >= signed);
  assert.equal(await paidAfter(), 400n + 5_000n - again.acknowledged.units);
  const { ms } = await runModule(again, { module: await world.put(ECHO) });
  assert.ok(ms >= 1);
});

test("a lane counts one commodity: no bytes in a lane of ms, no ms in a lane of bytes", async () => {
  const customer = world.customer(6);
  const module = await world.put(ECHO);
  const { response, raw } = await ask(customer, module, COMMODITY.bandwidth);
  assert.equal(response.status, 404);
  assert.equal(((await response.json()) as { code: string }).code, "ERR_COMMODITY");
  assert.equal((await raw.get(module)).status, 200);
  const session = await open(customer);
  await assert.rejects(session.get(module, 0), refusal("ERR_COMMODITY"));
});

test("more runs than a node does at once are refused, and a client that goes away ends its own", async () => {
  const module = await world.put(FOREVER);
  const sessions = await Promise.all([7, 8, 9].map((id) => open(world.customer(id))));
  const aborts = [new AbortController(), new AbortController()];
  const running = aborts.map(({ signal }, i) =>
    runModule(sessions[i] ?? assert.fail(), { module, signal, maxMs: 30_000 }).catch(
      (error: unknown) => error,
    ),
  );
  const third = sessions[2] ?? assert.fail();
  await eventually("both run", () =>
    sessions.slice(0, 2).every(({ acknowledged }) => acknowledged.units > 0n),
  );
  await assert.rejects(runModule(third, { module }), refusal("ERR_COMPUTE_BUSY"));
  for (const abort of aborts) abort.abort();
  await Promise.all(running);
  const echo = await world.put(ECHO);
  await eventually("there is room again", async () => {
    const tried = await runModule(third, { module: echo }).catch((error: unknown) => error);
    return !isFlkError(tried, "ERR_COMPUTE_BUSY");
  });
});

test("a node that counts more ms than have passed is signed for none of them", async () => {
  const hurried: typeof fetch = async (url, init) => {
    const answer = await fetch(url, init);
    if (!String(url).includes("/v1/compute/")) return answer;
    const body = (await answer.text()).replace(/"ms":(\d+)/g, (_, ms) => `"ms":${Number(ms) + 60_000}`);
    return new Response(body, { status: answer.status, headers: answer.headers });
  };
  const client = { ...world.client, fetch: hurried };
  const session = await world.open(world.customer(10), { commodity }, client);
  const module = await world.put(BUSY);
  await assert.rejects(runModule(session, { module, maxMs: 60_000 }), refusal("ERR_NODE_RESPONSE"));
  assert.equal(session.acknowledged.units, 0n);
});
