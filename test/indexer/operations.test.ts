import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { getIntrospectionQuery } from "graphql";
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { Account, type EpochAccounts, QUERIES, Status } from "#client/queries/generated.ts";
import { createIndexerClient } from "#client/queries/indexer-client.ts";
import { type ApiServer, startApi } from "#indexer/api/server.ts";
import type { ApiSettings } from "#indexer/api/settings.ts";
import type { IndexerMetrics } from "#indexer/metrics.ts";
import type { Store } from "#indexer/store/database.ts";
import type { Progress } from "#indexer/store/progress.ts";
import { createMetrics } from "#node/metrics/metrics.ts";
import { isFlkError } from "#protocol/errors/error.ts";
import { CLIENT, operatorOf } from "./support/chain.ts";
import { SILENT } from "./support/silent.ts";
import { openStore } from "./support/storage.ts";
import { ask, caughtUp, get, ready, startWorld, until, type World } from "./support/world.ts";

const PERSISTED = new Map(QUERIES.map(({ sha256, text }) => [sha256, text]));
const at = ({ url }: { url: string }, path: string) => url.replace("/graphql", path);
const PROGRESS: Progress = { reasons: [], l2Finalized: 7, nodeHeight: 5, posted: {} };

describe("the queries of client/queries", () => {
  let world: World;
  before(async () => {
    world = await startWorld({}, { api: { persisted: PERSISTED } });
    const { chain } = world;
    chain.block({ changes: [chain.pay(CLIENT, 1000n)] });
    chain.close();
    chain.claim(operatorOf(2));
    chain.block();
    await caughtUp(world);
    await until("epoch 0 is final", async () => {
      const { epochs } = await get(world.indexer, "{ epochs(final: true) { totalCount } }");
      return epochs.totalCount === 1;
    });
  });
  after(() => world.stop());

  for (const persisted of [false, true]) {
    const how = persisted ? "by their hashes" : "as text";
    it(`are all answered ${how}, with rows`, async () => {
      const client = createIndexerClient({ url: world.indexer.url, persisted });
      const variables = { address: CLIENT, id: 2, epoch: 0, first: 5 };
      for (const query of QUERIES) {
        const data: object = await client.query(query as typeof EpochAccounts, variables);
        for (const [field, value] of Object.entries(data)) {
          assert.ok(value, `${field} of ${query.text}`);
          const { nodes } = value as { nodes?: unknown[] };
          if (nodes) assert.ok(nodes.length > 0, `${field} of ${query.text}`);
        }
      }
    });
  }

  it("have types that say what comes", async () => {
    const client = createIndexerClient({ url: world.indexer.url });
    const { account } = await client.query(Account, { address: CLIENT });
    assert.equal(account?.balance, String(5_000_000 - 1000));
    const { _meta } = await client.query(Status);
    assert.equal(_meta.ready, true);
  });

  it("fail with the code of the indexer, or with that of the way to it", async () => {
    const client = createIndexerClient({ url: world.indexer.url });
    const code = (expected: string) => (error: unknown) => isFlkError(error, expected);
    await assert.rejects(client.query(Account, { address: "0x" }), code("ERR_QUERY_ARGUMENT"));
    const unknown = { ...Status, sha256: "00".repeat(32) };
    const byHash = createIndexerClient({ url: world.indexer.url, persisted: true });
    await assert.rejects(byHash.query(unknown), code("ERR_QUERY_NOT_PERSISTED"));
    const nobody = createIndexerClient({ url: "http://127.0.0.1:9" });
    await assert.rejects(nobody.query(Status), code("ERR_INDEXER_UNREACHABLE"));
    const page = createIndexerClient({ url: at(world.indexer, "/schema.graphql") });
    await assert.rejects(page.query(Status), code("ERR_INDEXER_RESPONSE"));
    const silent = createIndexerClient({ url: world.indexer.url, fetch: async () => Response.json({}) });
    await assert.rejects(silent.query(Status), code("ERR_INDEXER_RESPONSE"));
  });
});

describe("the API as its operator sets it", () => {
  let store: Store;
  before(async () => {
    store = await openStore("api");
  });
  after(() => store.close());

  async function withApi(
    settings: Partial<ApiSettings>,
    run: (api: ApiServer) => Promise<void>,
    {
      metrics,
      progress = async () => PROGRESS,
    }: { metrics?: IndexerMetrics; progress?: () => Promise<Progress> } = {},
  ): Promise<void> {
    const network = { chainId: 1, contracts: {} };
    const place = { host: "127.0.0.1", port: 0, portOption: "indexer.port" };
    const api = await startApi({
      source: { db: store.db, read: store.read, progress },
      network,
      ...place,
      logger: SILENT,
      settings,
      metrics,
    });
    try {
      await run(api);
    } finally {
      await api.stop();
    }
  }

  /** Over WebSocket; `say` gives the first answer as text. */
  function connect({ url }: ApiServer) {
    const socket = createClient({
      url: url.replace("http", "ws"),
      webSocketImpl: WebSocket,
      retryAttempts: 0,
    });
    const say = (query: string) =>
      new Promise<string>((resolve) => {
        const tell = (answer: unknown) => resolve(JSON.stringify(answer));
        socket.subscribe({ query }, { next: tell, error: tell, complete: () => undefined });
      });
    return { socket, say };
  }

  it("counts answers and says how far it is in /metrics", () =>
    withApi(
      {},
      async (api) => {
        assert.equal((await ask(api, "{ _meta { height } }")).data._meta.height, -1);
        await fetch(at(api, "/nothing"));
        await fetch(at(api, "/network.json"));
        const socket = createClient({ url: api.url.replace("http", "ws"), webSocketImpl: WebSocket });
        const say = (query: string) =>
          new Promise<void>((resolve) => {
            socket.subscribe({ query }, { next: () => resolve(), error: () => resolve(), complete: resolve });
          });
        for (const query of ["{ _meta { height } }", "{ nonsense }", "{ _meta { height } }"])
          await say(query);
        await socket.dispose();
        const response = await fetch(at(api, "/metrics"));
        assert.match(response.headers.get("content-type") ?? "", /text\/plain/);
        const text = await response.text();
        assert.match(text, /^flk_indexer_l2_block -1$/m);
        assert.match(text, /^flk_indexer_l2_finalized_block 7$/m);
        assert.match(text, /^flk_indexer_node_height 5$/m);
        assert.match(text, /^flk_indexer_ready 1$/m);
        assert.match(text, /^flk_indexer_requests_total\{route="\/graphql",status="2xx"\} 1$/m);
        assert.match(text, /^flk_indexer_requests_total\{route="other",status="4xx"\} 1$/m);
        assert.match(text, /^flk_indexer_requests_total\{route="\/network.json",status="2xx"\} 1$/m);
        assert.match(text, /^flk_indexer_websocket_documents_total\{outcome="run"\} 2$/m);
        assert.match(text, /^flk_indexer_websocket_documents_total\{outcome="refused"\} 1$/m);
        assert.match(text, /^flk_indexer_request_seconds_count\{route="\/graphql"\} 1$/m);
      },
      { metrics: createMetrics() },
    ));

  it("says how many blocks of each source are not in beside why it is not ready, null where a source never answered", async () => {
    const meta = "{ _meta { ready reasons lag l2Lag } }";
    const cases: [Progress, { lag: number | null; l2Lag: number | null }][] = [
      [PROGRESS, { lag: 6, l2Lag: 8 }],
      [
        { ...PROGRESS, reasons: ["l2: catching up"] },
        { lag: 6, l2Lag: 8 },
      ],
      [
        { ...PROGRESS, reasons: ["node: catching up"], nodeHeight: -1 },
        { lag: null, l2Lag: 8 },
      ],
      [
        { ...PROGRESS, reasons: ["l2: catching up"], l2Finalized: -1 },
        { lag: 6, l2Lag: null },
      ],
    ];
    for (const [progress, lag] of cases)
      await withApi(
        {},
        async (api) => {
          const { reasons } = progress;
          const told = { ready: reasons.length === 0, reasons, ...lag };
          assert.deepEqual(await ready(api), { status: told.ready ? 200 : 503, ...told });
          assert.deepEqual((await ask(api, meta)).data._meta, told);
        },
        { progress: async () => progress },
      );
    const away = async () => {
      throw new Error("away");
    };
    await withApi(
      {},
      async (api) => {
        const { reasons, ...told } = await ready(api);
        assert.deepEqual(told, { status: 503, ready: false, lag: null, l2Lag: null });
        assert.match(reasons.join(), /^ERR_INTERNAL/);
        const metrics = await fetch(at(api, "/metrics"));
        assert.equal(metrics.status, 200);
        assert.match(await metrics.text(), /^flk_indexer_ready 0$.*^flk_indexer_not_ready_reasons 1$/ms);
      },
      { progress: away, metrics: createMetrics() },
    );
  });

  it("has no /metrics where nothing counts", () =>
    withApi({}, async (api) => assert.equal((await fetch(at(api, "/metrics"))).status, 404)));

  it("keeps its schema and its editor to itself where it is told to", () =>
    withApi({ introspection: false, graphiql: false }, async (api) => {
      const { errors } = await ask(api, "{ __schema { queryType { name } } }");
      assert.equal(errors?.[0]?.extensions.code, "GRAPHQL_VALIDATION_FAILED");
      assert.equal((await fetch(at(api, "/schema.graphql"))).status, 404);
      const page = await fetch(api.url, { headers: { accept: "text/html" } });
      assert.doesNotMatch(await page.text(), /graphiql/i);
      assert.equal((await ask(api, "{ _meta { height } }")).data._meta.height, -1);
    }));

  it("says of an empty query that it is none", () =>
    withApi({}, async (api) => {
      const { errors } = await ask(api, "");
      assert.equal(errors?.[0]?.extensions.code, "ERR_QUERY_ARGUMENT");
    }));

  it("answers only known documents where it is told to, over HTTP and WebSocket", () =>
    withApi({ persisted: PERSISTED, persistedOnly: true }, async (api) => {
      const client = createIndexerClient({ url: api.url, persisted: true });
      assert.equal((await client.query(Status))._meta.height, -1);
      for (const text of ["{ _meta { height } }", ""]) {
        const { errors } = await ask(api, text);
        assert.equal(errors?.[0]?.extensions.code, "ERR_QUERY_NOT_PERSISTED");
      }
      const { socket, say } = connect(api);
      assert.match(await say("{ _meta { height } }"), /ERR_QUERY_NOT_PERSISTED/);
      assert.match(await say("{ nonsense"), /ERR_QUERY_NOT_PERSISTED/);
      assert.match(await say(Status.text), /"height":-1/);
      await socket.dispose();
    }));

  it("answers pages of the origins that it is told, on every route", () =>
    withApi({ corsOrigins: ["https://dashboard.example"] }, async (api) => {
      const allowed = async (path: string, origin: string, init: RequestInit = {}) => {
        const response = await fetch(at(api, path), { ...init, headers: { ...init.headers, origin } });
        await response.arrayBuffer();
        return response.headers.get("access-control-allow-origin");
      };
      const preflight = { method: "OPTIONS", headers: { "access-control-request-method": "POST" } };
      for (const path of ["/ready", "/schema.graphql", "/graphql?query=%7B_meta%7Bheight%7D%7D"]) {
        assert.equal(await allowed(path, "https://dashboard.example"), "https://dashboard.example", path);
        assert.equal(await allowed(path, "https://elsewhere.example"), null, path);
      }
      assert.equal(
        await allowed("/graphql", "https://dashboard.example", preflight),
        "https://dashboard.example",
      );
    }));

  it("answers pages of no other origin where it is told none, and of all where it is told so", async () => {
    const allowed = ({ url }: ApiServer, method: string) =>
      fetch(url, { method, headers: { origin: "https://elsewhere.example" } }).then(({ headers }) =>
        headers.get("access-control-allow-origin"),
      );
    await withApi({ corsOrigins: [] }, async (api) => {
      for (const method of ["GET", "OPTIONS"]) assert.equal(await allowed(api, method), null, method);
    });
    await withApi({ corsOrigins: ["*"] }, async (api) => {
      for (const method of ["GET", "OPTIONS"])
        assert.match((await allowed(api, method)) ?? "", /^(\*|https:\/\/elsewhere\.example)$/, method);
    });
  });

  it("lets pages of other origins over WebSocket only where it is told to, its own and what is no page always", async () => {
    const opens = (api: ApiServer, headers: Record<string, string>) =>
      new Promise<boolean>((resolve) => {
        const socket = new WebSocket(api.url.replace("http", "ws"), "graphql-transport-ws", { headers });
        socket.once("open", () => resolve(true)).once("open", () => socket.close());
        socket.once("unexpected-response", (_, { statusCode }) => {
          assert.equal(statusCode, 403);
          resolve(false);
        });
      });
    const [other, listed] = ["https://elsewhere.example", "https://dashboard.example"];
    const own = (api: ApiServer) => ({ origin: at(api, "") });
    await withApi({ corsOrigins: [listed] }, async (api) => {
      assert.equal(await opens(api, { origin: other }), false);
      assert.equal(await opens(api, { origin: "null" }), false);
      assert.equal(await opens(api, { origin: listed }), true);
      assert.equal(await opens(api, own(api)), true);
      assert.equal(await opens(api, {}), true);
      const forwarded = { origin: other, "x-forwarded-host": "elsewhere.example" };
      assert.equal(await opens(api, forwarded), false);
    });
    await withApi({ corsOrigins: [], trustProxy: true }, async (api) => {
      assert.equal(await opens(api, { origin: other }), false);
      assert.equal(await opens(api, { origin: other, "x-forwarded-host": "elsewhere.example" }), true);
      for (const host of ["elsewhere.example:443", "elsewhere.example, inner.example"])
        assert.equal(await opens(api, { origin: other, "x-forwarded-host": host }), true, host);
      assert.equal(await opens(api, { ...own(api), "x-forwarded-host": "" }), true);
      assert.equal(await opens(api, { ...own(api), "x-forwarded-host": "elsewhere.example" }), false);
    });
    await withApi({}, async (api) => assert.equal(await opens(api, { origin: other }), true));
  });

  it("looks once for all who watch it at the same time", async () => {
    let looks = 0;
    const progress = async () => {
      looks++;
      return PROGRESS;
    };
    await withApi(
      {},
      async (api) => {
        const answers = await Promise.all(Array.from({ length: 20 }, () => fetch(at(api, "/ready"))));
        for (const answer of answers) assert.equal(answer.status, 200);
        assert.equal(looks, 1);
        await Promise.all(Array.from({ length: 20 }, () => fetch(at(api, "/metrics"))));
        assert.ok(looks <= 3, `${looks} looks`);
      },
      { metrics: createMetrics(), progress },
    );
  });

  it("refuses an address that asks too often, by what the proxy says if it may, and never those who watch", () =>
    withApi({ requestsPerMinute: 3, trustProxy: true }, async (api) => {
      const from = (address: string, path = "/graphql?query=%7B_meta%7Bheight%7D%7D") =>
        fetch(at(api, path), { headers: { "x-forwarded-for": `198.51.100.7, ${address}` } });
      for (let i = 0; i < 3; i++) assert.equal((await from("192.0.2.1")).status, 200);
      const refused = await from("192.0.2.1");
      assert.equal(refused.status, 429);
      assert.match(await refused.text(), /ERR_RATE_LIMIT/);
      const wait = Number(refused.headers.get("retry-after"));
      assert.ok(wait >= 1 && wait <= 60);
      assert.equal((await from("192.0.2.2")).status, 200);
      for (let i = 0; i < 5; i++) assert.equal((await from("192.0.2.1", "/health")).status, 200);
      const { socket, say } = connect(api);
      for (let i = 0; i < 3; i++) assert.match(await say("{ _meta { height } }"), /height/);
      assert.match(await say("{ _meta { height } }"), /ERR_RATE_LIMIT/);
      await socket.dispose();
    }));

  it("refuses many aliases and many tokens", () =>
    withApi({}, async (api) => {
      const code = async (query: string) => (await ask(api, query)).errors?.[0]?.extensions.code;
      const times = (count: number, make: (i: number) => string) =>
        `{ ${Array.from({ length: count }, (_, i) => make(i)).join(" ")} }`;
      assert.equal(await code(times(51, (i) => `a${i}: _meta { height }`)), "ERR_QUERY_TOO_COSTLY");
      assert.equal(await code(times(50, (i) => `a${i}: _meta { height }`)), undefined);
      assert.equal(await code(times(4_000, () => "__typename")), "ERR_QUERY_TOO_COSTLY");
      assert.equal(await code("{ nonsense"), "GRAPHQL_PARSE_FAILED");
    }));

  it("answers what tools ask of the schema, and no more than that", () =>
    withApi({}, async (api) => {
      const whole = getIntrospectionQuery({ specifiedByUrl: true, inputValueDeprecation: true });
      assert.ok((await ask(api, whole)).data.__schema.types.length > 50);
      const heavy = Array.from({ length: 10 }, (_, i) => `a${i}: types { fields { args { name } } }`);
      for (const query of [
        `{ __schema { ${heavy.join(" ")} } }`,
        `{ ${heavy.map((text, i) => `b${i}: __schema { ${text} }`).join(" ")} }`,
      ]) {
        const { errors } = await ask(api, query);
        assert.equal(errors?.[0]?.extensions.code, "ERR_QUERY_TOO_COSTLY");
      }
    }));

  it("ends a query that takes too long", () =>
    withApi(
      { queryTimeoutMs: 50 },
      async (api) => {
        const { errors } = await ask(api, "{ _meta { height } }");
        assert.equal(errors?.[0]?.extensions.code, "ERR_QUERY_TIMEOUT");
        assert.ok((await ask(api, "{ accounts { totalCount } }")).data);
      },
      { progress: () => new Promise(() => undefined) },
    ));

  it("knows documents by the hash of their text", () => {
    for (const { text, sha256 } of QUERIES)
      assert.equal(createHash("sha256").update(text).digest("hex"), sha256);
  });
});
