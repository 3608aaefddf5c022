import assert from "node:assert/strict";
import { test } from "node:test";
import { createLogger } from "#node/metrics/logger.ts";
import { createMetrics } from "#node/metrics/metrics.ts";
import { createMetricsServer } from "#node/metrics/server.ts";
import { isFlkError } from "#protocol/errors/error.ts";

test("the same name and labels give the same series, and /metrics shows it", async () => {
  const metrics = createMetrics({ process: true });
  metrics.counter("flk_test_total", "A test", { channel: "tx" }).inc();
  metrics.counter("flk_test_total", "A test", { channel: "tx" }).inc(2);
  metrics.counter("flk_test_total", "A test", { channel: "sync" }).inc();
  metrics.gauge("flk_height", "Height").set(7);
  metrics.histogram("flk_seconds", "Seconds", [1, 10]).observe(5);
  const server = createMetricsServer({ metrics, port: 0 });
  await server.start();
  const { port } = server.address() as { port: number };
  const response = await fetch(`http://127.0.0.1:${port}/metrics`);
  const text = await response.text();
  assert.match(response.headers.get("content-type") ?? "", /text\/plain/);
  assert.match(text, /flk_test_total\{channel="tx"\} 3/);
  assert.match(text, /flk_test_total\{channel="sync"\} 1/);
  assert.match(text, /flk_height 7/);
  assert.match(text, /flk_seconds_bucket\{le="10"\} 1/);
  assert.match(text, /process_cpu_seconds_total/);
  assert.equal((await fetch(`http://127.0.0.1:${port}/other`)).status, 404);
  const second = createMetricsServer({ metrics, port });
  await assert.rejects(second.start(), (error) => {
    assert.ok(isFlkError(error, "ERR_PORT_IN_USE"));
    assert.match(error.message, new RegExp(`${port}.*metrics\\.port`));
    return true;
  });
  await server.stop();
  await server.stop();
});

test("/status shows what it is given, and is not there without", async () => {
  const metrics = createMetrics();
  for (const status of [() => '{"node":3}', undefined]) {
    const server = createMetricsServer({ metrics, port: 0, ...(status && { status }) });
    await server.start();
    const { port } = server.address() as { port: number };
    const response = await fetch(`http://127.0.0.1:${port}/status`);
    assert.equal(response.status, status ? 200 : 404);
    if (status) assert.deepEqual(await response.json(), { node: 3 });
    await server.stop();
  }
});

test("a name that is used for two types is a mistake that throws", () => {
  const metrics = createMetrics();
  metrics.counter("flk_x", "x");
  assert.throws(() => metrics.gauge("flk_x", "x"), TypeError);
});

test("log lines are JSON with the event, bound fields and amounts as decimal strings", () => {
  const lines: string[] = [];
  const logger = createLogger({ level: "info", fields: { node: 3 }, write: (line) => void lines.push(line) });
  logger.debug("hidden");
  logger.child({ epoch: 2 }).warn("epoch.closed", { revenue: 2n ** 70n, note: undefined });
  assert.equal(lines.length, 1);
  const { time, ...line } = JSON.parse(lines[0] as string);
  assert.equal(typeof time, "number");
  assert.deepEqual(line, {
    level: "warn",
    node: 3,
    epoch: 2,
    revenue: "1180591620717411303424",
    event: "epoch.closed",
  });
});

test("secrets and the hidden parts of URLs never reach a log line", () => {
  const lines: string[] = [];
  const logger = createLogger({ write: (line) => void lines.push(line) });
  logger.child({ ownerPrivateKey: "hunter2" }).info("l2.rpc", {
    networkSeed: "hunter2",
    url: "https://user:hunter2@rpc.example.org:8545/v2/hunter2?key=hunter2",
    reason: "fetch of wss://rpc.example.org/hunter2 failed",
    database: "postgres://user:hunter2@db.example.org",
  });
  const text = lines.join("");
  assert.ok(!text.includes("hunter2"), text);
  assert.ok(text.includes('"https://rpc.example.org:8545"'), text);
});
