import assert from "node:assert/strict";
import { request as httpRequest } from "node:http";
import { after, before, describe, it } from "node:test";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { buildExplorer } from "#scripts/explorer/bundle.ts";
import { CHAIN_ID, CONTRACTS } from "../support/fake-l2.ts";
import { startWorld, type World } from "../support/world.ts";

/** bytes, compressed: what a browser fetches before it shows the page */
const FIRST_LOAD = 250_000;

interface Got {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}

describe("the explorer as it is served", () => {
  let world: World;
  let base: string;

  before(async () => {
    await buildExplorer();
    world = await startWorld();
    base = world.indexer.url.replace("/graphql", "");
  });
  after(() => world.stop());

  /** Without the decoding that fetch does. */
  const get = (path: string, headers: Record<string, string> = {}, method = "GET"): Promise<Got> =>
    new Promise((resolve, reject) => {
      const sent = httpRequest(base + path, { headers, method }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks),
          }),
        );
      });
      sent.on("error", reject).end();
    });

  const assetsOf = (html: string): string[] =>
    [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path]) => path as string);

  it("has a policy that lets nothing in from elsewhere and nothing inline", async () => {
    const { status, headers, body } = await get("/");
    assert.equal(status, 200);
    assert.equal(headers["content-type"], "text/html; charset=utf-8");
    const policy = String(headers["content-security-policy"]);
    assert.match(policy, /default-src 'none'/);
    assert.match(policy, /script-src 'self';/);
    assert.match(policy, /require-trusted-types-for 'script'/);
    assert.doesNotMatch(policy, /unsafe|\*|https?:/);
    assert.equal(headers["x-content-type-options"], "nosniff");
    assert.equal(headers["x-frame-options"], "DENY");
    assert.equal(headers["referrer-policy"], "no-referrer");
    const html = body.toString();
    assert.doesNotMatch(html, /<script(?![^>]*src=)/);
    assert.doesNotMatch(html, /style=|<style|https?:\/\//);
    assert.equal(assetsOf(html).length, 2);
  });

  it("is one page for every address that it shows, and none for others", async () => {
    const { body } = await get("/");
    for (const path of ["/nodes", "/nodes/3", `/accounts/0x${"ab".repeat(20)}`, "/search?q=7"]) {
      assert.deepEqual((await get(path)).body, body, path);
    }
    for (const path of [
      "/nodesx",
      "/assets/none.js",
      "/assets/..%2findex.html",
      "/stamp",
      "/index.html.br",
      "/.git",
    ]) {
      assert.equal((await get(path)).status, 404, path);
    }
    assert.equal((await get("/", {}, "POST")).status, 404);
    const head = await get("/", {}, "HEAD");
    assert.deepEqual(
      [head.status, head.body.length, head.headers["content-length"]],
      [200, 0, String(body.length)],
    );
  });

  it("serves what never changes for good, compressed, and asks about what may", async () => {
    const page = await get("/");
    assert.equal(page.headers["cache-control"], "no-cache");
    const again = await get("/", { "if-none-match": String(page.headers.etag) });
    assert.deepEqual([again.status, again.body.length], [304, 0]);
    for (const path of assetsOf(page.body.toString())) {
      const plain = await get(path);
      assert.match(String(plain.headers["cache-control"]), /max-age=31536000, immutable/);
      assert.equal(plain.headers["content-encoding"], undefined);
      assert.equal(plain.headers.vary, "accept-encoding, origin");
      const br = await get(path, { "accept-encoding": "gzip, br" });
      assert.equal(br.headers["content-encoding"], "br");
      assert.deepEqual(brotliDecompressSync(br.body), plain.body);
      const gzip = await get(path, { "accept-encoding": "gzip, br;q=0" });
      assert.equal(gzip.headers["content-encoding"], "gzip");
      assert.deepEqual(gunzipSync(gzip.body), plain.body);
    }
  });

  it(`is read with less than ${FIRST_LOAD} bytes, even where only gzip is understood`, async () => {
    const page = await get("/", { "accept-encoding": "gzip" });
    let total = page.body.length;
    const seen = new Set<string>();
    const waiting = assetsOf(gunzipSync(page.body).toString());
    for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
      if (seen.has(path)) continue;
      seen.add(path);
      const { status, body } = await get(path, { "accept-encoding": "gzip" });
      assert.equal(status, 200, path);
      total += body.length;
      // what a module imports at once is part of the first load; import() is not
      for (const [, name] of gunzipSync(body)
        .toString()
        .matchAll(/(?:from|import)\s*"\.\/([^"]+\.js)"/g)) {
        waiting.push(`/assets/${name}`);
      }
    }
    assert.ok(seen.size >= 2);
    assert.ok(total < FIRST_LOAD, `the first load has ${total} bytes`);
  });

  it("says where the network's contracts are, and passes only a wallet's calls on to the node", async () => {
    const network = JSON.parse((await get("/network.json")).body.toString()) as object;
    assert.deepEqual(network, { chainId: CHAIN_ID, contracts: CONTRACTS, sendsTransactions: true });
    const call = async (
      body: string,
    ): Promise<{ status: number; answer: { error?: { data: { code: string } } } }> => {
      const response = await fetch(`${base}/rpc`, { method: "POST", body });
      return {
        status: response.status,
        answer: (await response.json()) as { error?: { data: { code: string } } },
      };
    };
    const rpc = (method: string, params: unknown[]): string =>
      JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
    const passed = await call(rpc("flk_get_settlement_certificate", [0]));
    assert.deepEqual([passed.status, passed.answer], [200, { jsonrpc: "2.0", id: 1, result: null }]);
    const refused = [
      rpc("flk_get_block_ssz", [0]),
      rpc("eth_sendTransaction", []),
      `[${rpc("flk_get_epoch_report", [0])}]`,
      "null",
      "{",
      rpc("flk_send_txn", ["0".repeat(70_000)]),
    ];
    for (const body of refused) {
      const { status, answer } = await call(body);
      assert.deepEqual([status, answer.error?.data.code], [400, "ERR_RELAY_REFUSED"], body.slice(0, 60));
    }
    await world.nodeRpc.stop();
    const silent = await call(rpc("flk_get_settlement_certificate", [0]));
    assert.deepEqual([silent.status, silent.answer.error?.data.code], [502, "ERR_NODE_UNREACHABLE"]);
  });
});
