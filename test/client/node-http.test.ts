import assert from "node:assert/strict";
import type { RequestListener } from "node:http";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { createFlkClient, getOffers, type Offer } from "#client/index.ts";
import { getJson, MAX_ANSWER_BYTES, postJson } from "#client/session/node-http.ts";
import { serve } from "./support/serve.ts";

const settlement = `0x${"11".repeat(20)}` as const;
const client = createFlkClient({ rpcUrl: "http://127.0.0.1:1", chainId: 1, settlement });

async function offerAt(url: string): Promise<Offer | null | undefined> {
  const keys = { owner: new Uint8Array(20), networkKey: new Uint8Array(32), stake: 1n, reputation: 50 };
  return (await getOffers(client, [{ nodeId: 10, endpoints: [url], ...keys }])).get(10);
}

/** JSON of so many bytes, a thousandth of it on the wire. */
const packed =
  (bytes: number, status = 200): RequestListener =>
  (_, response) => {
    response.writeHead(status, { "content-encoding": "gzip" });
    response.end(gzipSync(JSON.stringify({ code: "x".repeat(bytes), message: "" })));
  };

test("an answer larger than it may be is refused before all of it is read, whatever it was packed into, also of a refusal", async () => {
  const url = await serve(packed(4_000_000));
  await assert.rejects(getJson(fetch, url), { code: "ERR_NODE_RESPONSE" });
  await assert.rejects(postJson(fetch, url, {}), { code: "ERR_NODE_RESPONSE" });
  await assert.rejects(getJson(fetch, await serve(packed(4_000_000, 400))), { code: "ERR_NODE_RESPONSE" });
  const small = await serve(packed(MAX_ANSWER_BYTES / 2));
  assert.equal(((await getJson(fetch, small)) as { code: string }).code.length, MAX_ANSWER_BYTES / 2);
  let sent = 0;
  const endless = await serve((_, response) => {
    const more = (): void => {
      while (!response.destroyed && response.write(" ".repeat(65_536))) sent += 65_536;
    };
    response.on("drain", more);
    more();
  });
  await assert.rejects(getJson(fetch, endless), { code: "ERR_NODE_RESPONSE" });
  assert.ok(sent < 64 * MAX_ANSWER_BYTES, `${sent} bytes were taken`);
});

test("nobody is sent on to another address, by an offer or anything else", async () => {
  let reached = 0;
  const target = await serve((_, response) => {
    reached += 1;
    response.end(JSON.stringify({ node: 10, load: 0, minPrices: [] }));
  });
  const url = await serve((_, response) => response.writeHead(302, { location: target }).end());
  await assert.rejects(getJson(fetch, url), { code: "ERR_NODE_UNREACHABLE" });
  await assert.rejects(postJson(fetch, url, {}), { code: "ERR_NODE_UNREACHABLE" });
  assert.equal(await offerAt(url), null);
  assert.equal(reached, 0);
});

test("an offer has less room than other answers", async () => {
  const url = await serve((_, response) => {
    const minPrices = Array.from({ length: 10_000 }, () => "1");
    response.end(JSON.stringify({ node: 10, load: 0, minPrices }));
  });
  assert.equal(await offerAt(url), null);
});
