import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { startApi } from "#indexer/api/server.ts";
import { blocks, epochs } from "#indexer/store/schema.ts";
import { SILENT } from "./support/silent.ts";
import { openStore } from "./support/storage.ts";

test("a subscription or a table whose answer takes too long ends and says so", async () => {
  const store = await openStore("timeout");
  const hex = "0x00";
  await store.db
    .insert(epochs)
    .values({ number: 0, opening: hex, committee: hex, openTime: 1, verified: true, digest: hex });
  await store.db.insert(blocks).values({
    ...{ height: 0, epoch: 0, index: 0, time: 1, transactions: 0, anchorAuthor: 1, l2Block: 0 },
    ...{ blockRoot: hex, stateRoot: hex, anchor: hex },
  });
  const api = await startApi({
    source: { db: store.db, read: store.read, progress: () => new Promise(() => undefined) },
    network: { chainId: 1, contracts: {} },
    ...{ host: "127.0.0.1", port: 0, portOption: "indexer.port" },
    logger: SILENT,
    settings: { queryTimeoutMs: 50 },
  });
  const socket = createClient({
    url: api.url.replace("http", "ws"),
    webSocketImpl: WebSocket,
    retryAttempts: 0,
  });
  try {
    const told: string[] = [];
    const tell = (answer: unknown) => void told.push(JSON.stringify(answer));
    const query = "subscription { block { finality } }";
    await new Promise<void>((resolve) => {
      socket.subscribe({ query }, { next: tell, error: tell, complete: resolve });
    });
    assert.equal(told.length, 1);
    assert.match(told[0] ?? "", /ERR_QUERY_TIMEOUT/);
    const table = await fetch(
      api.url.replace("/graphql", `/export/earnings.csv?account=0x${"11".repeat(20)}`),
    );
    assert.equal(table.status, 503);
    assert.equal(table.headers.get("content-disposition"), null);
    assert.match(await table.text(), /ERR_QUERY_TIMEOUT/);
  } finally {
    await socket.dispose();
    await api.stop();
    await store.close();
  }
});
