import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** What comes in place of an answer: no answer at all, a closed connection, half of an answer, an error, or another result. */
export type Disturbance = "silence" | "close" | "truncate" | "error" | { result: unknown };

/** Thrown by a handler: how the error is told. */
export class RpcFailure extends Error {
  readonly code: number;
  readonly status: number;

  constructor(message: string, { code = -32000, status = 200 }: { code?: number; status?: number } = {}) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

export interface FakeRpc {
  url: string;
  /** calls so far by method, and the first parameters of each */
  calls: Map<string, unknown[]>;
  /** answers nothing while true */
  down: boolean;
  /** asked about every answer before it is sent */
  disturb?: (method: string, result: unknown) => Disturbance | undefined;
  stop(): Promise<void>;
}

/** JSON-RPC over HTTP on a free loopback port. A handler that throws becomes an RPC error. */
export async function startFakeRpc(handle: (method: string, params: unknown[]) => unknown): Promise<FakeRpc> {
  const calls = new Map<string, unknown[]>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      if (fake.down) return request.socket.destroy();
      const { id, method, params } = JSON.parse(Buffer.concat(chunks).toString("utf8"));
      const seen = calls.get(method) ?? [];
      seen.push((params ?? [])[0]);
      calls.set(method, seen);
      response.setHeader("content-type", "application/json");
      try {
        const result = handle(method, params ?? []);
        const disturbance = fake.disturb?.(method, result);
        if (disturbance === "silence") return;
        if (disturbance === "close") return request.socket.destroy();
        if (disturbance === "error") throw new Error("the provider is out of sorts");
        const told = typeof disturbance === "object" ? disturbance.result : result;
        const text = JSON.stringify({ jsonrpc: "2.0", id, result: told });
        response.end(disturbance === "truncate" ? text.slice(0, text.length / 2) : text);
      } catch (error) {
        const { code, status, message } = error instanceof RpcFailure ? error : new RpcFailure(String(error));
        response.statusCode = status;
        // a gateway that refuses speaks no JSON-RPC
        response.end(
          JSON.stringify(status === 200 ? { jsonrpc: "2.0", id, error: { code, message } } : message),
        );
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const fake: FakeRpc = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    down: false,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return fake;
}
