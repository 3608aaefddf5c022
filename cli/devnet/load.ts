import { pickFrom, type RankedNode } from "#client/actions/pick-from.ts";
import { getNodesForService } from "#client/actions/pick-nodes.ts";
import { NodeMemory } from "#client/node-memory.ts";
import type { ImportedFile } from "#node/edge/content-types.ts";
import { errorCode } from "#protocol/errors/error.ts";
import { toHex } from "#protocol/types/hex.ts";
import { openFetcher } from "../actions/fetch.ts";
import { cliError } from "../errors.ts";
import { pause } from "./wait.ts";
import type { Visitor, World } from "./world.ts";

/** micro-USD per 10^9 units: its prices change, and it goes on */
const MAX_PRICE = 10n ** 12n;

/** ms between two fetches of one client: the nodes share the machine */
const REST_MS = 40;
/** ms after a fetch that failed, e.g. by a node that was killed */
const RETRY_MS = 300;
/** ms for which a list of nodes is good enough */
const LISTED_MS = 2_000;

/**
 * One client that fetches file after file, each from a node that it picks by reputation, until `signal`, or until it has
 * no money left.
 */
export async function fetchForever(
  client: Visitor,
  files: ImportedFile[],
  options: { offset: number; world: Pick<World, "status" | "display">; signal: AbortSignal },
): Promise<void> {
  const { signal } = options;
  const { status, display } = options.world;
  const fetcher = await openFetcher(client.persona, { service: client.service, maxPrice: MAX_PRICE });
  const memory = new NodeMemory();
  const pick = picker(client, memory);
  for (let turn = options.offset; !signal.aborted; turn++) {
    const file = files[turn % files.length];
    if (!file) return;
    let nodeId: number | undefined;
    try {
      nodeId = (await pick()).nodeId;
      const before = fetcher.acks;
      const bytes = await fetcher.fetch(nodeId, toHex(file.hash), { signal });
      memory.served(nodeId);
      status.deliveries += 1;
      status.bytes += bytes.length;
      status.acks += fetcher.acks - before;
      await pause(REST_MS, signal);
    } catch (error) {
      if (signal.aborted) return;
      const code = errorCode(error);
      if (nodeId !== undefined) memory.failed(nodeId, code);
      if (code === "ERR_INSUFFICIENT_BALANCE") {
        display.line(`${client.name} has run out of money`);
        return;
      }
      status.retries.set(code, (status.retries.get(code) ?? 0) + 1);
      await pause(RETRY_MS, signal);
    }
  }
}

/** @throws the RPC's codes, ERR_NODE_RPC when no node takes part */
function picker({ persona, service }: Visitor, memory: NodeMemory): () => Promise<RankedNode> {
  let nodes: RankedNode[] = [];
  let listedAt = Number.NEGATIVE_INFINITY;
  return async () => {
    if (Date.now() - listedAt > LISTED_MS) {
      nodes = await getNodesForService(persona.node, { service });
      listedAt = Date.now();
    }
    const [node] = pickFrom(nodes, { count: 1, memory });
    if (!node) throw cliError("ERR_NODE_RPC", "no node takes part");
    return node;
  };
}
