import {
  address,
  flag,
  integer,
  list,
  optional,
  origin,
  type Parsed,
  port,
  postgresUrl,
  table,
  text,
  url,
} from "./fields.ts";

const DAY_MS = 86_400_000;
export const DEFAULT_CONTENT_DIR = "data/content";

/** config.toml (docs/operations/config.md). Ports and defaults: DESIGN §10. */
export const CONFIG = table({
  l2: table({
    /** at least two are recommended: a node stops when they disagree */
    rpc_urls: list(url(), { min: 1, max: 8 }),
    chain_id: integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    deploy_block: integer({ min: 0, max: Number.MAX_SAFE_INTEGER }, 0),
    poll_ms: integer({ min: 50, max: 60_000 }, 1_000),
    poster_step_seconds: integer({ min: 0, max: 3_600 }, 30),
    contracts: table({
      flk: address(),
      stable: address(),
      staking: address(),
      vault: address(),
      settlement: address(),
      parameters: address(),
      services: address(),
      auction: address(),
      /** of governance: what flk gov and flk service need */
      governor: optional(address()),
      timelock: optional(address()),
      votes: optional(address()),
      access_manager: optional(address()),
      slasher: optional(address()),
    }),
  }),
  pool: table({
    /** multiaddrs */
    listen: list(text(), { min: 1, max: 16 }, ["/ip4/0.0.0.0/tcp/4200"]),
    /** what registration tells others; the listen addresses when empty */
    announce: list(text(), { min: 0, max: 16 }, []),
  }),
  handshake: table({
    host: text("0.0.0.0"),
    port: port(4220),
    /** public URL of the above, told to clients at registration */
    url: optional(url()),
    /** micro-USD per 10^9 bytes: a service that pays less is not served */
    min_bandwidth_price: integer({ min: 0, max: Number.MAX_SAFE_INTEGER }, 0),
    /** the same of 10^9 ms of compute */
    min_compute_price: integer({ min: 0, max: Number.MAX_SAFE_INTEGER }, 0),
    /** runs of clients' modules at once, each a process; 0: none is run */
    max_runs: integer({ min: 0, max: 64 }, 0),
  }),
  rpc: table({ host: text("127.0.0.1"), port: port(4230) }),
  metrics: table({ host: text("127.0.0.1"), port: port(4290) }),
  consensus: table({
    min_header_delay_ms: optional(integer({ min: 1, max: DAY_MS })),
    max_header_delay_ms: optional(integer({ min: 1, max: DAY_MS })),
    max_batch_delay_ms: optional(integer({ min: 1, max: DAY_MS })),
    /** how long a node listens for its own key before it signs; 0: not at all */
    doppelganger_seconds: integer({ min: 0, max: 3_600 }, 20),
  }),
  content: table({
    /** relative to FLK_HOME */
    dir: text(DEFAULT_CONTENT_DIR),
  }),
  client: table({
    /** any node's JSON-RPC */
    node_rpc_url: url("http://127.0.0.1:4230"),
  }),
  indexer: table({
    host: text("127.0.0.1"),
    port: port(4000),
    node_rpc_url: url("http://127.0.0.1:4230"),
    dir: text("data/indexer"),
    /** in place of `dir`; the environment's DATABASE_URL wins */
    database_url: optional(postgresUrl()),
    introspection: flag(true),
    graphiql: flag(true),
    cors_origins: list(origin(), { min: 0, max: 64 }, ["*"]),
    /** of one address; 0: no limit */
    requests_per_minute: integer({ min: 0, max: 1_000_000 }, 0),
    /** takes the address from X-Forwarded-For */
    trust_proxy: flag(false),
    /** JSON list of documents, relative to FLK_HOME */
    persisted_queries: optional(text()),
    persisted_only: flag(false),
    query_timeout_ms: integer({ min: 100, max: 600_000 }, 30_000),
  }),
});
export type Config = Parsed<typeof CONFIG>;
export type L2Config = Config["l2"];
