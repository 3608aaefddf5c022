import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Startable } from "#node/interface/startable.ts";
import { metricsError } from "./errors.ts";
import type { MetricsRegistry } from "./metrics.ts";

/**
 * Serves `GET /metrics`, and with `status` what that gives as JSON at `GET /status`. `port` 0 picks a free one; `address` is known after `start`.
 * `start` @throws ERR_PORT_IN_USE naming the port and `option`, ERR_LISTEN
 */
export function createMetricsServer(options: {
  metrics: MetricsRegistry;
  status?: () => string;
  port: number;
  host?: string;
  option?: string;
}): Startable & { address(): { host: string; port: number } | undefined } {
  const { metrics, status, port, host = "127.0.0.1", option = "metrics.port" } = options;
  let server: Server | undefined;
  return {
    async start() {
      if (server) return;
      const made = createServer((request, response) => {
        const path = request.method === "GET" ? request.url?.split("?")[0] : undefined;
        if (status && path === "/status") {
          response.writeHead(200, { "content-type": "application/json" }).end(status());
          return;
        }
        if (path !== "/metrics") {
          response.writeHead(404).end();
          return;
        }
        metrics.text().then(
          (text) => response.writeHead(200, { "content-type": metrics.contentType }).end(text),
          () => response.writeHead(500).end(),
        );
      });
      await listen(made, port, host, option);
      server = made;
    },
    async stop() {
      const closing = server;
      server = undefined;
      if (!closing) return;
      closing.closeAllConnections();
      await new Promise((resolve) => closing.close(resolve));
    },
    address() {
      const address = server?.address() as AddressInfo | null | undefined;
      return address ? { host: address.address, port: address.port } : undefined;
    },
  };
}

function listen(server: Server, port: number, host: string, option: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const inUse = error.code === "EADDRINUSE";
      const code = inUse ? "ERR_PORT_IN_USE" : "ERR_LISTEN";
      const message = inUse
        ? `port ${port} is in use; choose another with ${option}`
        : `cannot listen on ${host}`;
      reject(metricsError(code, message, { port, option }, { cause: error }));
    });
    server.listen(port, host, () => resolve());
  });
}
