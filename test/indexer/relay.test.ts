import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { after, beforeEach, describe, it } from "node:test";
import { createRelay } from "#indexer/api/relay.ts";
import { until } from "./support/world.ts";

const CALL = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "flk_get_receipt", params: [] });
const ANSWER = JSON.stringify({ jsonrpc: "2.0", id: 1, result: null });

const listen = async (server: Server): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
};

describe("the relay of wallets' calls", () => {
  /** calls that the node has and does not answer yet */
  let held: (() => void)[] = [];
  let holds = false;
  const closers: (() => void)[] = [];
  const node = createServer((_, response) => {
    const answer = () => response.end(ANSWER);
    if (holds) held.push(answer);
    else answer();
  });

  beforeEach(() => {
    held = [];
    holds = false;
  });
  after(() => {
    for (const close of closers) close();
    node.closeAllConnections();
    node.close();
  });

  /** The port that it serves on. */
  const serve = async (options: { trustProxy: boolean; bodyMs?: number }): Promise<number> => {
    if (!node.listening) await listen(node);
    const { port } = node.address() as AddressInfo;
    const relay = createRelay(`http://127.0.0.1:${port}`, options);
    const server = createServer((request, response) => void relay.serve(request, response));
    closers.push(() => {
      server.closeAllConnections();
      server.close();
    });
    return listen(server);
  };
  const call = async (port: number, from = "192.0.2.1"): Promise<{ status: number; text: string }> => {
    const headers = { "x-forwarded-for": from };
    const response = await fetch(`http://127.0.0.1:${port}`, { method: "POST", body: CALL, headers });
    return { status: response.status, text: await response.text() };
  };
  const silentCaller = (port: number): Promise<Socket> =>
    new Promise((resolve) => {
      const socket = connect(port, "127.0.0.1", () => {
        socket.write("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n", () => resolve(socket));
      });
      closers.push(() => socket.destroy());
    });

  it("is not held up by callers that never say what they want", async () => {
    const port = await serve({ trustProxy: false });
    for (let i = 0; i < 20; i++) await silentCaller(port);
    assert.deepEqual(await call(port), { status: 200, text: ANSWER });
  });

  it("waits for a call only so long", async () => {
    const port = await serve({ trustProxy: false, bodyMs: 20 });
    const socket = await silentCaller(port);
    let text = "";
    for await (const chunk of socket) text += String(chunk);
    assert.match(text, /^HTTP\/1.1 408 /);
    assert.match(text, /did not come in.*ERR_RELAY_REFUSED/);
  });

  it("lets no address, and no IPv6 network, take the place of others", async () => {
    const port = await serve({ trustProxy: true });
    holds = true;
    const hosts = ["2001:db8::1", "2001:db8::2", "2001:db8:0:0:ffff::3", "2001:0db8::4"];
    const taken = hosts.map((host) => call(port, host));
    await until("the node has them", async () => held.length === hosts.length);
    const refused = await call(port, "2001:db8::5");
    assert.equal(refused.status, 503);
    assert.match(refused.text, /ERR_RELAY_BUSY/);
    holds = false;
    assert.equal((await call(port, "2001:db8:0:1::1")).status, 200);
    assert.equal((await call(port, "192.0.2.9")).status, 200);
    for (const answer of held) answer();
    assert.deepEqual(
      (await Promise.all(taken)).map(({ status }) => status),
      [200, 200, 200, 200],
    );
    assert.equal((await call(port, "2001:db8::5")).status, 200);
  });
});
