import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { FlkError } from "#protocol/errors/error.ts";
import { type ProcessUsage, processUsage } from "../support/process-usage.ts";
import { answer, ended, startProcess } from "../support/processes.ts";
import type { IndexerAnswer, IndexerTask } from "./process.ts";

const PROGRAM = join(import.meta.dirname, "process.ts");
const START_MS = 60_000;
const LOOK_MS = 50;

/** A node whose chain has no block yet. */
export async function startEmptyNode(): Promise<{ url: string; stop(): void }> {
  const server = createServer((request, response) => {
    let text = "";
    request.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
    request.on("end", () => {
      const { id, method } = JSON.parse(text) as { id: number; method: string };
      const result = method === "flk_get_epoch_info" ? { epoch: 0, height: -1 } : null;
      response.end(JSON.stringify({ jsonrpc: "2.0", id, result }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

export interface RunningIndexer {
  url: string;
  /** ms from the start of the process until all up to L2 block `block` is in, and the indexes are there */
  reach(block: number, limitMs: number): Promise<number>;
  usage(): Promise<ProcessUsage | undefined>;
  stop(): Promise<void>;
}

/** @throws ERR_BENCH_MEMBER */
export async function startOurs(task: IndexerTask, flags: readonly string[] = []): Promise<RunningIndexer> {
  const start = performance.now();
  const child = startProcess(PROGRAM, task, flags);
  const { url } = await answer<IndexerAnswer, "up">(child, "up", START_MS);
  return {
    url,
    async reach(block, limitMs) {
      while (!(await has(url, block))) {
        if (performance.now() - start > limitMs) {
          throw new FlkError("ERR_BENCH_MEMBER", `the indexer is not at block ${block} after ${limitMs} ms`);
        }
        await delay(LOOK_MS);
      }
      return performance.now() - start;
    },
    usage: () => processUsage(child.pid as number),
    stop: () => ended(child),
  };
}

async function has(url: string, block: number): Promise<boolean> {
  if ((await meta<number>(url, "l2Block")) < block) return false;
  const reasons = await meta<string[]>(url, "reasons");
  return !reasons.some((reason) => reason.startsWith("l2:"));
}

async function meta<T>(url: string, field: string): Promise<T> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: `{ _meta { ${field} } }` }),
  });
  const { data } = (await response.json()) as { data: { _meta: Record<string, T> } };
  return data._meta[field] as T;
}
