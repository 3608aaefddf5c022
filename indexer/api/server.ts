import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { useDisableIntrospection } from "@graphql-yoga/plugin-disable-introspection";
import { type GraphQLSchema, printSchema } from "graphql";
import { createYoga } from "graphql-yoga";
import { FlkError } from "#protocol/errors/error.ts";
import { type IndexerErrorCode, told } from "../errors.ts";
import type { IndexerLogger } from "../logger.ts";
import type { IndexerMetrics } from "../metrics.ts";
import { askerOf } from "./asker.ts";
import { createChanges } from "./changes.ts";
import { type ApiContext, type ApiSource, type Asking, contextOf, type Yoga } from "./context.ts";
import { earningsCsv } from "./earnings.ts";
import { keepFor } from "./kept.ts";
import { limitsPlugin } from "./limits.ts";
import { maskError } from "./mask.ts";
import { originFor } from "./origins.ts";
import { persistedPlugin } from "./persisted.ts";
import { createPlaces } from "./places.ts";
import { createRateLimit, type RateLimit } from "./rate-limit.ts";
import { type Readiness, readReadiness } from "./readiness.ts";
import { createRelay, type Relay } from "./relay.ts";
import { createSchema } from "./schema.ts";
import { type ApiSettings, DEFAULT_API } from "./settings.ts";
import { createStaticFiles, type StaticFiles } from "./static.ts";
import { subscriptionsPlugin } from "./told.ts";
import { measureIndex, watchRequest } from "./watch.ts";
import { serveWebSockets } from "./websocket.ts";
import { withinTime } from "./within-time.ts";

const MAX_BODY_BYTES = 262_144;
/** ms for a request to come in */
const REQUEST_TIMEOUT_MS = 30_000;
/** ms for which /ready and /metrics answer alike */
const WATCHED_MS = 1_000;
/** At once, of all clients of this process and of one address. */
const SUBSCRIPTIONS = { all: 1_000, ofOne: 50 };

/** What the explorer's wallet works with. */
export interface ExplorerNetwork {
  chainId: number;
  /** by name, as the deployment has them */
  contracts: Readonly<object>;
  /** of the node that transactions go to; without it the page cannot send any to the protocol chain */
  nodeRpcUrl?: string | undefined;
}

export interface ApiServer {
  /** of the GraphQL endpoint */
  url: string;
  stop(): Promise<void>;
}

/**
 * GraphQL (with GraphiQL) at /graphql, the explorer at /, and /health, /ready, /metrics, /schema.graphql, /export/earnings.csv. Port 0
 * takes a free one.
 * @throws ERR_PORT_IN_USE naming `portOption`, ERR_LISTEN
 */
export async function startApi(options: {
  source: ApiSource;
  network: ExplorerNetwork;
  host: string;
  port: number;
  portOption: string;
  logger: IndexerLogger;
  /** the defaults unless told */
  settings?: Partial<ApiSettings> | undefined;
  /** none: nothing is counted and /metrics is no route */
  metrics?: IndexerMetrics | undefined;
}): Promise<ApiServer> {
  const { source, network, logger, metrics } = options;
  const settings = { ...DEFAULT_API, ...options.settings };
  const schema = createSchema();
  const sdl = settings.introspection ? printSchema(schema) : undefined;
  const changes = createChanges(source.db, logger);
  const subscriptions = createPlaces(SUBSCRIPTIONS);
  const context = ({ req }: Asking) =>
    contextOf(source, { changes, subscribe: () => subscriptions.enter(askerOf(req, settings)) });
  const yoga = createGraphQL(schema, settings, context, logger);
  const files = createStaticFiles();
  if (!files.built) logger.warn("explorer_missing", { message: "not built: npm run build:explorer" });
  const relay = network.nodeRpcUrl === undefined ? undefined : createRelay(network.nodeRpcUrl, settings);
  const limit = createRateLimit(settings);
  const readiness = keepFor(WATCHED_MS, () => readinessOf(source));
  const reasons = async () => (await readiness()).reasons;
  const measure =
    metrics &&
    keepFor(WATCHED_MS, () =>
      // an alarm has to be told most of all then
      measureIndex(metrics, source, reasons).catch((error) => logger.warn("metrics_stale", told(error))),
    );
  const watched = { readiness, measure };
  const routes: Routes = { source, network, sdl, yoga, files, relay, settings, metrics, limit, watched };
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
    answer(request, response, routes).catch((error: unknown) => {
      const { code, message, detail } = told(error);
      logger.error("api_failed", { code, message, detail });
      if (response.headersSent) response.destroy();
      else json(response, 500, { error: { code, message } });
    });
  });
  try {
    await listen(server, options);
  } catch (error) {
    await changes.stop();
    throw error;
  }
  const sockets = { path: "/graphql", maxPayload: MAX_BODY_BYTES };
  const closeSockets = serveWebSockets(server, yoga, sockets, { settings, limit, metrics });
  const { host } = options;
  const bound = (server.address() as AddressInfo).port;
  const name = host.includes(":") ? `[${host}]` : host;
  return {
    url: `http://${name}:${bound}/graphql`,
    stop: async () => {
      await closeSockets();
      await changes.stop();
      await close(server);
    },
  };
}

function createGraphQL(
  schema: GraphQLSchema,
  settings: ApiSettings,
  context: (asking: Asking) => ApiContext,
  logger: IndexerLogger,
): Yoga {
  const { introspection, graphiql } = settings;
  return createYoga<Asking, ApiContext>({
    schema,
    context,
    graphiql: graphiql && { title: "flk" },
    landingPage: false,
    logging: false,
    cors: (request) => {
      const origin = originFor(settings, request.headers.get("origin"));
      // an empty list would let everyone in
      return origin !== undefined && { origin: [origin], methods: ["GET", "POST"], credentials: false };
    },
    plugins: [
      persistedPlugin(settings),
      limitsPlugin(settings),
      subscriptionsPlugin(settings),
      ...(introspection ? [] : [useDisableIntrospection()]),
    ],
    maskedErrors: { maskError: (error) => maskError(error, logger) },
  });
}

interface Routes {
  source: ApiSource;
  network: ExplorerNetwork;
  files: StaticFiles;
  relay: Relay | undefined;
  /** undefined where nobody may ask for the schema */
  sdl: string | undefined;
  yoga: Yoga;
  settings: ApiSettings;
  metrics: IndexerMetrics | undefined;
  limit: RateLimit;
  watched: { readiness: () => Promise<Readiness>; measure: (() => Promise<void>) | undefined };
}

/** Those who watch over the process are not counted; what they ask of the database is kept for a moment. */
const UNLIMITED = ["/health", "/ready", "/metrics"];

async function answer(request: IncomingMessage, response: ServerResponse, routes: Routes): Promise<void> {
  const path = (request.url ?? "/").split("?", 1)[0] as string;
  const { metrics, limit, settings } = routes;
  if (metrics) watchRequest(metrics, path, request, response);
  const wait = UNLIMITED.includes(path) ? undefined : await limit.refuses(request);
  if (wait !== undefined) {
    request.resume();
    response.setHeader("retry-after", wait);
    const message = `too many requests: ask again in ${wait} s`;
    return json(response, 429, { errors: [{ message, extensions: { code: "ERR_RATE_LIMIT" } }] });
  }
  if (path !== "/graphql") allowOrigin(request, response, settings);
  await route(request, response, path, routes);
}

/** Yoga does the same for /graphql. */
function allowOrigin({ headers }: IncomingMessage, response: ServerResponse, settings: ApiSettings): void {
  response.setHeader("vary", "Origin");
  const origin = originFor(settings, headers.origin);
  if (origin !== undefined) response.setHeader("access-control-allow-origin", origin);
}

async function route(
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  routes: Routes,
): Promise<void> {
  const { sdl, metrics, watched } = routes;
  if (path === "/graphql") await graphql(request, response, routes);
  else if (path === "/health") json(response, 200, { ok: true });
  else if (path === "/ready") {
    const readiness = await watched.readiness();
    json(response, readiness.ready ? 200 : 503, readiness);
  } else if (path === "/export/earnings.csv") await exportEarnings(request, response, routes);
  else if (path === "/metrics" && metrics) {
    await watched.measure?.();
    send(response, 200, metrics.contentType, await metrics.text());
  } else if (path === "/schema.graphql" && sdl !== undefined)
    send(response, 200, "text/plain; charset=utf-8", sdl);
  else if (path === "/network.json") json(response, 200, networkOf(routes));
  else if (path === "/rpc" && routes.relay) await routes.relay.serve(request, response);
  else if (!routes.files.serve(request, response, path))
    json(response, 404, { error: { code: "ERR_NOT_FOUND", message: "no such route" } });
}

/** What the explorer's wallet needs to know of the network. */
function networkOf({ network, relay }: Routes): object {
  const { chainId, contracts } = network;
  return { chainId, contracts, sendsTransactions: relay !== undefined };
}

/** A database that is away is a reason, too; how far it is nobody knows then. */
async function readinessOf(source: ApiSource): Promise<Readiness> {
  try {
    return await readReadiness(source);
  } catch (error) {
    const { code, message } = told(error);
    return { ready: false, reasons: [`${code}: ${message}`], lag: null, l2Lag: null };
  }
}

async function exportEarnings(
  request: IncomingMessage,
  response: ServerResponse,
  { source, settings: { queryTimeoutMs } }: Routes,
): Promise<void> {
  const account = new URL(request.url ?? "", "http://indexer").searchParams.get("account") ?? "";
  if (!/^0x[0-9a-fA-F]{40}$/.test(account)) {
    json(response, 400, { error: { code: "ERR_QUERY_ARGUMENT", message: "?account= takes an address" } });
    return;
  }
  const of = account.toLowerCase();
  const { db, giveUp } = source.read();
  const code = "ERR_QUERY_TIMEOUT" satisfies IndexerErrorCode;
  const late = new FlkError(code, `the table took more than ${queryTimeoutMs} ms`, { account: of });
  try {
    const csv = () => earningsCsv({ db, progress: () => source.progress() }, of);
    const table = await withinTime(csv, queryTimeoutMs, () => late);
    response.setHeader("content-disposition", `attachment; filename="earnings-${of}.csv"`);
    send(response, 200, "text/csv; charset=utf-8", table);
  } catch (error) {
    if (error !== late) throw error;
    giveUp();
    json(response, 503, { error: { code, message: late.message } });
  }
}

async function graphql(request: IncomingMessage, response: ServerResponse, { yoga }: Routes): Promise<void> {
  if (request.method === "POST" && !(Number(request.headers["content-length"]) <= MAX_BODY_BYTES)) {
    request.resume();
    const message = `a query needs a content-length of at most ${MAX_BODY_BYTES} bytes`;
    json(response, 413, { errors: [{ message, extensions: { code: "ERR_QUERY_TOO_COSTLY" } }] });
    return;
  }
  await yoga(request, response);
}

function json(response: ServerResponse, status: number, body: object): void {
  send(response, status, "application/json", JSON.stringify(body));
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { "content-type": type, "cache-control": "no-store" }).end(body);
}

function listen(
  server: Server,
  { host, port, portOption }: { host: string; port: number; portOption: string },
): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const busy = cause.code === "EADDRINUSE";
      const message = busy
        ? `port ${port} on ${host} is in use: stop what uses it, or set ${portOption}`
        : `cannot listen on ${host}:${port}: ${cause.message}`;
      const code: IndexerErrorCode = busy ? "ERR_PORT_IN_USE" : "ERR_LISTEN";
      reject(new FlkError(code, message, { host, port, option: portOption }, { cause }));
    });
    server.listen(port, host, resolve);
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error ? reject(error) : resolve()));
    server.closeAllConnections();
  });
}
