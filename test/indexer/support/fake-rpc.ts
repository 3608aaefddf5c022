import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface FakeRpc {
  url: string;
  /** calls so far by method, and the first parameters of each */
  calls: Map<string, unknown[]>;
  /** answers nothing while true */
  down: boolean;
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
        response.end(JSON.stringify({ jsonrpc: "2.0", id, result: handle(method, params ?? []) }));
      } catch (error) {
        response.end(JSON.stringify({ jsonrpc: "2.0", id, error: { code: -32000, message: String(error) } }));
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
