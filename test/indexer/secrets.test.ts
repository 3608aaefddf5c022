import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { isFlkError } from "#protocol/errors/error.ts";
import { CHAIN_ID } from "./support/fake-l2.ts";
import { startFakeRpc } from "./support/fake-rpc.ts";
import { newStorage } from "./support/storage.ts";
import { get, indexerOf, ready, until, type World } from "./support/world.ts";

/** A URL whose user, password, path and query are secrets. */
const secretUrl = (url: string) =>
  url.replace("http://", "http://hidden-user:hidden-word@").concat("/v2/hidden-path?key=hidden-query");

/** Everything that an indexer of these two URLs shows to others, once it says `code`. */
async function shown(l2Url: string, nodeUrl: string, code: string): Promise<string> {
  const logged: World["logged"] = [];
  const indexer = indexerOf(l2Url, nodeUrl, logged, await newStorage());
  await indexer.start();
  try {
    await until(`it says ${code}`, async () => (await ready(indexer)).reasons.join().includes(code));
    const told = [await ready(indexer), await get(indexer, "{ _meta { ready reasons } }"), logged];
    return JSON.stringify(told);
  } finally {
    await indexer.stop();
  }
}

test("no path, user or query of an RPC URL is in /ready, the log or GraphQL, only its host", async () => {
  const other = await startFakeRpc((method) => (method === "eth_chainId" ? "0x1" : null));
  const gone = await startFakeRpc(() => null);
  gone.down = true;
  try {
    const plain = (url: string) => `${url}/v2/hidden-path`;
    const cases = [
      await shown(plain(other.url), plain(gone.url), "ERR_L2_CHAIN_ID"),
      await shown(secretUrl(other.url), secretUrl(other.url), "ERR_NODE_"),
      await shown(secretUrl(gone.url), secretUrl(gone.url), "ERR_L2_UNREACHABLE"),
      await shown("http://hidden path/", "http://hidden path/", "ERR_L2_UNREACHABLE"),
    ];
    for (const text of cases) assert.doesNotMatch(text, /hidden/);
    assert.ok(cases[0]?.includes(new URL(other.url).host));
    assert.ok(cases[0]?.includes(new URL(gone.url).host));
    assert.ok(cases[0]?.includes(String(CHAIN_ID)));
  } finally {
    await other.stop();
    await gone.stop();
  }
});

test("a port in use names the setting that changes it", async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
  const { port } = taken.address() as AddressInfo;
  try {
    for (const [given, expected] of [
      [{}, "indexer.port"],
      [{ portOption: "--graphql-port" }, "--graphql-port"],
    ] as const) {
      const indexer = indexerOf("http://127.0.0.1:1", "http://127.0.0.1:1", [], {
        ...(await newStorage()),
        port,
        ...given,
      });
      await assert.rejects(indexer.start(), (error) => {
        assert.ok(isFlkError(error, "ERR_PORT_IN_USE"));
        assert.equal(error.data.option, expected);
        return error.message.includes(String(port)) && error.message.includes(expected);
      });
      await indexer.stop();
    }
  } finally {
    await new Promise((resolve) => taken.close(resolve));
  }
});
