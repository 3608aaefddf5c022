import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Ed25519Signer } from "#crypto";
import type { Delivery } from "#node/delivery/delivery.ts";
import type { ChainView } from "#node/interface/chain-view.ts";
import type { Clock } from "#node/interface/clock.ts";
import type { Logger } from "#node/interface/logger.ts";
import type { Metrics } from "#node/interface/metrics.ts";
import type { Startable } from "#node/interface/startable.ts";
import type { NetworkContext } from "#protocol/digests/network.ts";
import { errorCode, isFlkError } from "#protocol/errors/error.ts";
import { ComputeRoom } from "./compute/room.ts";
import type { ContentStore } from "./content-types.ts";
import { isErrno } from "./errno.ts";
import { edgeError } from "./errors.ts";
import { Handshakes } from "./handshake.ts";
import { errorBody, sendJson, setCors, statusOf } from "./http.ts";
import { LoadMeter } from "./load.ts";
import { postAcks } from "./routes/acks.ts";
import { postCompute } from "./routes/compute.ts";
import { getContent } from "./routes/content.ts";
import type { EdgeContext } from "./routes/context.ts";
import { getHealth, getOffer, getPrices, getReport } from "./routes/public.ts";
import { postReservations } from "./routes/reservations.ts";
import { getSession, postSessions } from "./routes/sessions.ts";

export interface EdgeOptions {
  host: string;
  /** 0 picks a free one */
  port: number;
  /** named when the port is in use */
  portOption: string;
  context: NetworkContext;
  /** nodeId */
  self: number;
  /** network key: answers handshakes */
  signer: Ed25519Signer;
  content: ContentStore;
  delivery: Delivery;
  chain: ChainView;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
  maxConnections?: number;
  /** micro-USD per 10^9 units by commodity, below which nothing is served; none when absent */
  minPrices?: readonly bigint[];
  /** runs of modules at once; with 0, the default, none is run */
  maxRuns?: number;
  /** a client has so many ms for what is left of an answer when its run is over */
  takeMs?: number;
}

/** The HTTP server of DESIGN §7. */
export interface Edge extends Startable {
  /** http://host:port, once started */
  url(): string;
}

type Route = (request: IncomingMessage, response: ServerResponse, path: string) => void | Promise<void>;

function routes(edge: EdgeContext): { method: string; path: RegExp; run: Route }[] {
  return [
    { method: "POST", path: /^\/v1\/sessions$/, run: (req, res) => postSessions(edge, req, res) },
    { method: "GET", path: /^\/v1\/session$/, run: (req, res) => getSession(edge, req, res) },
    { method: "POST", path: /^\/v1\/acks$/, run: (req, res) => postAcks(edge, req, res) },
    { method: "POST", path: /^\/v1\/reservations$/, run: (req, res) => postReservations(edge, req, res) },
    {
      method: "GET",
      path: /^\/v1\/blake3\/([0-9a-f]{64})$/,
      run: (req, res, hash) => getContent(edge, req, res, hash),
    },
    {
      method: "POST",
      path: /^\/v1\/compute\/([0-9a-f]{64})$/,
      run: (req, res, hash) => postCompute(edge, req, res, hash),
    },
    {
      method: "GET",
      path: /^\/v1\/offer(?:\/([0-9a-f]{64}))?$/,
      run: (_, res, hash) => getOffer(edge, res, hash),
    },
    { method: "GET", path: /^\/v1\/prices$/, run: (_, res) => getPrices(edge, res) },
    {
      method: "GET",
      path: /^\/v1\/epochs\/(\d{1,16})\/report$/,
      run: (_, res, epoch) => getReport(edge, res, Number(epoch)),
    },
    { method: "GET", path: /^\/health$/, run: (_, res) => getHealth(edge, res) },
  ];
}

class HttpEdge implements Edge {
  readonly #o: EdgeOptions;
  readonly #routes: ReturnType<typeof routes>;
  readonly #meter = new LoadMeter();
  #server: Server | undefined;

  constructor(options: EdgeOptions) {
    this.#o = options;
    const { context: network, self, chain, content, delivery, signer, clock } = options;
    const handshakes = new Handshakes({ networkId: network.networkId, self, signer, clock });
    const { minPrices = [] } = options;
    const compute = new ComputeRoom({
      maxRuns: options.maxRuns ?? 0,
      ...(options.takeMs !== undefined && { takeMs: options.takeMs }),
    });
    const offer = () => ({ load: Math.max(this.#meter.load, compute.load), minPrices });
    this.#routes = routes({ network, self, chain, content, delivery, handshakes, offer, compute });
  }

  url(): string {
    const address = this.#server?.address();
    if (!address || typeof address === "string") throw edgeError("ERR_LISTEN", "the edge is not started");
    const host = address.family === "IPv6" ? `[${address.address}]` : address.address;
    return `http://${host}:${address.port}`;
  }

  async start(): Promise<void> {
    const server = createServer(
      { requestTimeout: 30_000, headersTimeout: 10_000, keepAliveTimeout: 15_000 },
      (req, res) => {
        void this.#serve(req, res);
      },
    );
    server.maxConnections = this.#o.maxConnections ?? 4_096;
    await listen(server, this.#o);
    this.#server = server;
    this.#meter.start();
    this.#o.logger.info("edge.listening", { url: this.url() });
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    this.#meter.stop();
    if (!server) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // A response without this that is written to out of turn ends the process.
    response.on("error", (error) =>
      this.#o.logger.error("edge.response_failed", { code: errorCode(error), message: String(error) }),
    );
    setCors(response);
    try {
      await this.#route(request, response);
    } catch (error) {
      this.#fail(request, response, error);
    }
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? "/").split("?", 1)[0] as string;
    if (request.method === "OPTIONS") {
      response.writeHead(204).end();
      return;
    }
    const matching = this.#routes.filter((route) => route.path.test(path));
    if (matching.length === 0) throw edgeError("ERR_NOT_FOUND", "no such resource");
    const route = matching.find((r) => r.method === request.method);
    if (!route) throw edgeError("ERR_METHOD", `use ${matching.map((r) => r.method).join(", ")}`);
    await route.run(request, response, route.path.exec(path)?.[1] ?? "");
  }

  #fail(request: IncomingMessage, response: ServerResponse, error: unknown): void {
    const code = errorCode(error);
    const help = "Refused requests, by code";
    this.#o.metrics.counter("flk_edge_refused_total", help, { code }).inc();
    if (!isFlkError(error) && !request.destroyed) {
      this.#o.logger.error("edge.request_failed", { code, message: String(error) });
    }
    if (response.headersSent) {
      response.destroy();
      return;
    }
    // What was not read of the body must not be taken for the next request.
    if (!request.complete) response.setHeader("connection", "close");
    sendJson(response, statusOf(code), errorBody(error));
  }
}

function listen(server: Server, { host, port, portOption }: EdgeOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (cause: Error): void => {
      if (isErrno(cause, "EADDRINUSE")) {
        const message = `port ${port} is in use: stop what uses it, or set ${portOption}`;
        reject(edgeError("ERR_PORT_IN_USE", message, { port, option: portOption }, { cause }));
      } else {
        reject(
          edgeError(
            "ERR_LISTEN",
            `cannot listen on ${host}:${port}: ${cause.message}`,
            { host, port },
            { cause },
          ),
        );
      }
    };
    server.once("error", onError);
    server.listen(port, host, () => {
      server.off("error", onError);
      resolve();
    });
  });
}

export function createEdge(options: EdgeOptions): Edge {
  return new HttpEdge(options);
}
