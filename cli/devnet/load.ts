import type { ImportedFile } from "#node/edge/content-types.ts";
import { errorCode } from "#protocol/errors/error.ts";
import { toHex } from "#protocol/types/hex.ts";
import { openFetcher } from "../actions/fetch.ts";
import type { Status } from "./status.ts";
import { pause } from "./wait.ts";
import type { LocalClient, LocalNode } from "./world.ts";

/** ms between two fetches of one client: the nodes share the machine */
const REST_MS = 40;
/** ms after a fetch that failed, e.g. by a node that was killed */
const RETRY_MS = 300;

/** One client that fetches file after file from node after node until `signal`. */
export async function fetchForever(
  client: LocalClient,
  nodes: LocalNode[],
  files: ImportedFile[],
  options: { offset: number; status: Status; signal: AbortSignal },
): Promise<void> {
  const { status, signal } = options;
  const fetcher = await openFetcher(client.persona);
  for (let turn = options.offset; !signal.aborted; turn++) {
    const node = nodes[turn % nodes.length];
    const file = files[turn % files.length];
    if (!node || !file) return;
    try {
      const before = fetcher.acks;
      const bytes = await fetcher.fetch(node.nodeId, toHex(file.hash), signal);
      status.deliveries += 1;
      status.bytes += bytes.length;
      status.acks += fetcher.acks - before;
      await pause(REST_MS, signal);
    } catch (error) {
      if (signal.aborted) return;
      const code = errorCode(error);
      status.retries.set(code, (status.retries.get(code) ?? 0) + 1);
      await pause(RETRY_MS, signal);
    }
  }
}
