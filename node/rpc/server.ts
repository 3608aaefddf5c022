import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { ChainView, TransactionPool } from "#node/interface/chain-view.ts";
import type { EvidenceSource } from "#node/interface/evidence.ts";
import type { Logger } from "#node/interface/logger.ts";
import type { Metrics } from "#node/interface/metrics.ts";
import type { Startable } from "#node/interface/startable.ts";
import { EpochReport } from "#protocol/types/settlement.ts";
import { Dispatcher, failure } from "./dispatcher.ts";
import { rpcError } from "./errors.ts";
import { Gate } from "./gate.ts";

const MAX_BODY_BYTES = 1024 * 1024;
const MAX_CONNECTIONS = 1024;
/** ms */
const REQUEST_TIMEOUT = 30_000;
/** ms that a client may take to read an answer */
const ANSWER_TIMEOUT = 60_000;
/** Requests that run or whose answers are being sent, and requests that wait with their bodies: both bound memory. */
const MAX_ACTIVE = 32;
const MAX_WAITING = 256;
/** Everything here is public and nothing goes by cookies, so any page may read it. */
const CORS = {
  "access-control-allow-origin": "*",
  "access-control-allow-headers": "content-type",
  "access-control-allow-methods": "GET, POST",
};

export interface RpcOptions {
  port: number;
  /** default 127.0.0.1 */
  host?: string;
  chain: ChainView;
  pool: TransactionPool;
  /** none is shown when absent */
  evidence?: EvidenceSource;
  /** why this node does not serve yet (syncing, L2 unreachable); undefined when it does */
  notReady(): string | undefined;
  version: string;
  logger: Logger;
  metrics: Metrics;
  /** name of the setting that ERR_PORT_IN_USE points to */
  option?: string;
}

const NO_EVIDENCE: EvidenceSource = { conflicts: () => Promise.resolve([]) };

class RpcServer implements Startable {
  #options: RpcOptions;
  #dispatcher: Dispatcher;
  #gate = new Gate({ active: MAX_ACTIVE, waiting: MAX_WAITING });
  #server: Server | undefined;

  constructor(options: RpcOptions) {
    const { chain, pool, evidence = NO_EVIDENCE, version, logger, metrics } = options;
    this.#options = options;
    this.#dispatcher = new Dispatcher({ chain, pool, evidence }, version, logger, metrics);
  }

  async start(): Promise<void> {
    if (this.#server) return;
    const { port, host = "127.0.0.1", option = "rpc.port" } = this.#options;
    const server = createServer({ requestTimeout: REQUEST_TIMEOUT }, (request, response) => {
      this.#serve(request, response).catch((error: unknown) => {
        this.#options.logger.warn("rpc.broken_request", { reason: String(error) });
        response.destroy();
      });
    });
    server.maxConnections = MAX_CONNECTIONS;
    server.on("connection", (socket) => socket.setMaxListeners(2 * MAX_ACTIVE));
    await new Promise<void>((resolve, reject) => {
      server.once("error", (error: NodeJS.ErrnoException) => {
        const inUse = error.code === "EADDRINUSE";
        const message = inUse
          ? `port ${port} is in use; choose another with ${option}`
          : `cannot listen on ${host}`;
        reject(
          rpcError(inUse ? "ERR_PORT_IN_USE" : "ERR_LISTEN", message, { port, option }, { cause: error }),
        );
      });
      server.listen(port, host, () => resolve());
    });
    this.#server = server;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server) return;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }

  address(): { host: string; port: number } | undefined {
    const address = this.#server?.address() as AddressInfo | null | undefined;
    return address ? { host: address.address, port: address.port } : undefined;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === "POST") return this.#post(request, response);
    if (request.method === "OPTIONS") return send(response, 204);
    if (request.method !== "GET") return send(response, 405, "method not allowed\n");
    const path = (request.url ?? "/").split("?")[0] as string;
    const report = /^\/v1\/epochs\/([0-9]{1,15})\/report$/.exec(path);
    if (report) return this.#admitted(request, response, () => this.#report(Number(report[1]), response));
    if (path === "/health") return send(response, 200, "OK\n");
    if (path === "/version") return send(response, 200, `${this.#options.version}\n`);
    if (path !== "/ready") return send(response, 404, "not found\n");
    const reason = this.#options.notReady();
    return reason === undefined ? send(response, 200, "OK\n") : send(response, 503, `${reason}\n`);
  }

  async #report(epoch: number, response: ServerResponse): Promise<void> {
    const report = await this.#options.chain.report(epoch);
    if (!report) return send(response, 404, "no report of this epoch\n");
    return send(response, 200, EpochReport.serialize(report), "application/octet-stream");
  }

  async #post(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request);
    if (body === undefined) {
      const data = { max: MAX_BODY_BYTES };
      const error = rpcError("ERR_RPC_BODY_TOO_LARGE", `a body has at most ${MAX_BODY_BYTES} bytes`, data);
      response.setHeader("connection", "close");
      send(response, 413, JSON.stringify(failure(null, error)), "application/json");
      return;
    }
    await this.#admitted(request, response, async () => {
      const answer = await this.#dispatcher.handle(body);
      if (answer === undefined) send(response, 204);
      else send(response, 200, answer, "application/json");
    });
  }

  /** Runs `answer` when it is its turn, and holds the turn until the answer is sent. */
  async #admitted(
    request: IncomingMessage,
    response: ServerResponse,
    answer: () => Promise<void>,
  ): Promise<void> {
    try {
      await this.#gate.enter();
    } catch (error) {
      send(response, 503, JSON.stringify(failure(null, error)), "application/json");
      return;
    }
    try {
      if (request.socket.destroyed) return;
      await answer();
      await sent(response, request.socket);
    } finally {
      this.#gate.leave();
    }
  }
}

/** Resolves when the answer has left, or cannot any more. Of pipelined answers only the socket tells when it has closed. */
function sent(response: ServerResponse, socket: Socket): Promise<void> {
  if (response.destroyed || socket.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      response.off("close", done);
      socket.off("close", done);
      resolve();
    };
    const timer = setTimeout(() => socket.destroy(), ANSWER_TIMEOUT);
    response.once("close", done);
    socket.once("close", done);
  });
}

function send(
  response: ServerResponse,
  status: number,
  body: string | Uint8Array = "",
  type = "text/plain; charset=utf-8",
): void {
  response.writeHead(status, body.length > 0 ? { ...CORS, "content-type": type } : CORS).end(body);
}

/** undefined when it is too large; the rest of the body is then not read. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    bytes += (chunk as Buffer).length;
    if (bytes > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/**
 * JSON-RPC 2.0 over HTTP POST (single and batch; `rpc.discover` describes it), `GET /health`, `/ready`, `/version` and
 * `/v1/epochs/{e}/report` (SSZ). `port` 0 picks a free one. `start` @throws ERR_PORT_IN_USE, ERR_LISTEN
 */
export function createRpc(options: RpcOptions): Startable & {
  address(): { host: string; port: number } | undefined;
} {
  return new RpcServer(options);
}
