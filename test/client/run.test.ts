import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { runModule } from "#client/session/run.ts";
import { FlkError, isFlkError } from "#protocol/errors/error.ts";
import { COMMODITY } from "#protocol/types/ack.ts";
import { TRANSFER_HEADER } from "#protocol/types/edge-http.ts";
import type { Hex } from "#protocol/types/hex.ts";
import { createWorld, type World } from "#test/node/delivery/support/world.ts";
import { ECHO, FOREVER } from "#test/node/edge/support/wasm.ts";
import { eventually } from "#test/node/support/eventually.ts";

const commodity = COMMODITY.compute;
const module: Hex = `0x${"ab".repeat(32)}`;
const refusal = (code: string) => (error: unknown) => isFlkError(error, code);
let world: World;
before(async () => {
  world = await createWorld({ creditTimeoutMs: 1_000, submission: { tickMs: 60_000 } });
  for (const service of world.chain.serviceViews) service.prices = [1_000_000_000n, 1_000_000_000n];
});
after(() => world.close());

/** Opens with the node, and answers runs in its place. */
function answering(customer: number, answer: (init: RequestInit) => Response | Promise<Response>) {
  const through: typeof fetch = async (url, init) =>
    String(url).includes("/v1/compute/") ? answer(init ?? {}) : fetch(url, init);
  return world.open(world.customer(customer), { commodity }, { ...world.client, fetch: through });
}

const HEADERS = { [TRANSFER_HEADER]: "1" };

/** Says the line again and again, until nobody listens. */
function endless(line: object, everyMs: number): Response {
  let timer: ReturnType<typeof setInterval>;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const bytes = new TextEncoder().encode(`${JSON.stringify(line)}\n`);
      timer = setInterval(() => controller.enqueue(bytes), everyMs);
    },
    cancel: () => clearInterval(timer),
  });
  return new Response(body, { headers: HEADERS });
}

test("a node that says the same again and again, or nothing, holds no client longer than its run may take", async () => {
  const repeating = await answering(1, () => endless({ ms: 0 }, 5));
  await assert.rejects(runModule(repeating, { module, maxMs: 50 }), refusal("ERR_NODE_RESPONSE"));
  const silent = await answering(2, () => new Response(new ReadableStream(), { headers: HEADERS }));
  const running = runModule(silent, { module, maxMs: 50, patienceMs: 100 });
  await assert.rejects(running, refusal("ERR_NODE_RESPONSE"));
  const mute = await answering(
    3,
    ({ signal }) =>
      new Promise<Response>((_, reject) =>
        signal?.addEventListener("abort", () => reject((signal as AbortSignal).reason)),
      ),
  );
  const waiting = runModule(mute, { module, maxMs: 50, patienceMs: 100 });
  await assert.rejects(waiting, refusal("ERR_NODE_UNREACHABLE"));
});

test("whoever gives up hears so, also in the middle of a run", async () => {
  const session = await world.open(world.customer(4), { commodity });
  const abort = new AbortController();
  const running = runModule(session, { module: await world.put(FOREVER), signal: abort.signal });
  running.catch(() => undefined);
  await eventually("it runs", () => session.acknowledged.units > 0n);
  abort.abort();
  await assert.rejects(running, refusal("ERR_ABORTED"));
});

test("a run whose ms the node takes no acknowledgement for is not waited for, and says why", async () => {
  let refused = 0;
  let gone: AbortSignal | null | undefined;
  const through: typeof fetch = async (url, init) => {
    if (String(url).includes("/v1/compute/")) gone = init?.signal;
    if (!String(url).endsWith("/v1/acks")) return fetch(url, init);
    refused += 1;
    return Response.json({ code: "ERR_ACK_BALANCE", message: "no money" }, { status: 402 });
  };
  const session = await world.open(world.customer(7), { commodity }, { ...world.client, fetch: through });
  const module = await world.put(FOREVER);
  const before = world.delivery.status().acks.accepted;
  await assert.rejects(runModule(session, { module }), refusal("ERR_ACK_BALANCE"));
  assert.ok(refused >= 1);
  assert.equal(gone?.aborted, true);
  await assert.rejects(runModule(session, { module }), refusal("ERR_ACK_BALANCE"));
  assert.equal(world.delivery.status().acks.accepted, before);
});

test("a run that ends for an acknowledgement says why, also when another transfer is over that by then", async () => {
  const session = await answering(8, () => endless({ ms: 1 }, 5));
  const { acknowledger } = session;
  acknowledger.assertHealthy = () => undefined;
  const failing = new FlkError("ERR_ACK_BALANCE", "no money");
  let fail = (_: unknown): void => assert.fail("nobody listens");
  acknowledger.onFailure = (handler) => {
    fail = handler;
    return () => undefined;
  };
  const running = runModule(session, { module });
  setImmediate(() => fail(failing));
  await assert.rejects(running, (error) => error === failing);
});

test("a bound that is no whole number of ms is refused", async () => {
  const session = await world.open(world.customer(5), { commodity });
  const echo = await world.put(ECHO);
  for (const maxMs of [0, -1, 1.5, Number.NaN]) {
    await assert.rejects(runModule(session, { module: echo, maxMs }), refusal("ERR_REQUEST"), `${maxMs}`);
  }
});

test("what a node claims of a run whose connection it cuts is signed for up to what the run may take", async () => {
  const line = new TextEncoder().encode('{"ms":1}\n');
  let claimed = false;
  const through: typeof fetch = async (url, init) => {
    if (String(url).includes("/v1/compute/")) {
      const answer = await fetch(url, init);
      const transfer = answer.headers.get(TRANSFER_HEADER) ?? "";
      const reader = answer.body?.getReader();
      let begun: Promise<unknown> | undefined;
      const body = new ReadableStream<Uint8Array>({
        async pull(controller) {
          if (begun) return controller.error(new Error("cut"));
          begun = reader?.read();
          await begun;
          controller.enqueue(line);
        },
      });
      return new Response(body, { headers: { [TRANSFER_HEADER]: transfer } });
    }
    if (!String(url).endsWith("/v1/session")) return fetch(url, init);
    const status = (await (await fetch(url, init)).json()) as { unacknowledged: { units: string }[] };
    for (const entry of status.unacknowledged) {
      claimed = true;
      entry.units = "900";
    }
    return Response.json(status);
  };
  const client = { ...world.client, fetch: through };
  const session = await world.open(world.customer(6), { commodity }, client);
  const long = await world.put(FOREVER);
  await assert.rejects(runModule(session, { module: long, maxMs: 50 }), refusal("ERR_NODE_UNREACHABLE"));
  await eventually("the node claims it", async () => {
    await session.settle();
    return claimed;
  });
  assert.ok(session.acknowledged.units <= 50n, `${session.acknowledged.units}`);
});
