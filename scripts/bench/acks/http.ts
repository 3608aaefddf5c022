import { Agent, type IncomingHttpHeaders, request } from "node:http";
import { FlkError } from "#protocol/errors/error.ts";

export interface HttpAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** One agent for all: connections are kept. */
const agent = new Agent({ keepAlive: true, maxSockets: 256 });

/** @throws ERR_BENCH_HTTP when the connection fails */
export function send(
  method: "GET" | "POST",
  url: string,
  headers: Record<string, string>,
  body?: string,
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const fail = (cause: Error): void => reject(new FlkError("ERR_BENCH_HTTP", cause.message, {}, { cause }));
    const sent = request(url, { method, headers, agent }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk)).on("error", fail);
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks),
        }),
      );
    });
    sent.on("error", fail).end(body);
  });
}
