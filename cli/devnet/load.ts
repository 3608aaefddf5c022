import { pickFrom, type RankedNode } from "#client/actions/pick-from.ts";
import { getNodesForService } from "#client/actions/pick-nodes.ts";
import { NodeMemory } from "#client/node-memory.ts";
import { errorCode } from "#protocol/errors/error.ts";
import { toHex } from "#protocol/types/hex.ts";
import { type Fetcher, openFetcher } from "../actions/fetch.ts";
import { cliError } from "../errors.ts";
import { moduleInput, moduleOutput } from "./module.ts";
import type { Status } from "./status.ts";
import { pause } from "./wait.ts";
import type { Content, Visitor, World } from "./world.ts";

/** micro-USD per 10^9 units: its prices change, and it goes on */
const MAX_PRICE = 10n ** 12n;

/** ms between two fetches of one client: the nodes share the machine */
const REST_MS = 40;
/** ms after a fetch that failed, e.g. by a node that was killed */
const RETRY_MS = 300;
/** ms for which a list of nodes is good enough */
const LISTED_MS = 2_000;
/** A run takes some ms to some hundred, as its turn and its node have it; ended where a node takes much longer. */
const RUN_STEPS = 4_000_000;
const RUN_LENGTHS = 5;
const RUN_MAX_MS = 5_000;
/** It would take some seconds, and is ended; what it costs at two nodes is more than who is hasty has. */
const LONG_STEPS = 2 ** 32 - 1;
const LONG_MS = 1_500;

interface Use {
  offset: number;
  world: Pick<World, "status" | "display">;
  signal: AbortSignal;
}

/**
 * One client that fetches file after file, and has the module run now and then, each at a node that it picks by reputation, until
 * `signal`, or until it has no money left. @throws ERR_DEVNET_OUTPUT
 */
export async function useForever(client: Visitor, content: Content, options: Use): Promise<void> {
  const { signal } = options;
  const { status, display } = options.world;
  const { service, maxReserve, runEvery } = client;
  const fetcher = await openFetcher(client.persona, { service, maxReserve, maxPrice: MAX_PRICE });
  const memory = new NodeMemory();
  const pick = picker(client, memory);
  for (let turn = options.offset; !signal.aborted; turn++) {
    let nodeId: number | undefined;
    try {
      const before = fetcher.acks;
      if (client.hasty) await runEverywhere(content, turn, { client, fetcher, signal, status });
      else {
        nodeId = (await pick()).nodeId;
        const at = { fetcher, nodeId, signal, status };
        await (turn % runEvery === 0 ? runOnce(content, turn, at) : fetchOnce(content, turn, at));
        memory.served(nodeId);
      }
      status.acks += fetcher.acks - before;
      await pause(REST_MS, signal);
    } catch (error) {
      const code = errorCode(error);
      if (signal.aborted) return;
      if (code === "ERR_DEVNET_OUTPUT") throw error;
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

interface At {
  fetcher: Fetcher;
  nodeId: number;
  signal: AbortSignal;
  status: Status;
}

async function fetchOnce({ files }: Content, turn: number, at: At): Promise<void> {
  const file = files[turn % files.length];
  if (!file) throw cliError("ERR_CONTENT_EMPTY", "there is no file to fetch");
  const bytes = await at.fetcher.fetch(at.nodeId, toHex(file.hash), { signal: at.signal });
  at.status.deliveries += 1;
  at.status.bytes += bytes.length;
}

async function runOnce(
  { module }: Content,
  turn: number,
  { fetcher, nodeId, signal, status }: At,
): Promise<void> {
  const times = RUN_STEPS * (1 + (turn % RUN_LENGTHS));
  const how = { module: toHex(module.hash), input: moduleInput(turn, times), maxMs: RUN_MAX_MS, signal };
  const { output, ms } = await fetcher.run(nodeId, how);
  if (toHex(output) !== toHex(moduleOutput(turn, times)))
    throw cliError("ERR_DEVNET_OUTPUT", `node ${nodeId} ran ${times} steps from ${turn} to ${toHex(output)}`);
  status.runs += 1;
  status.ms += ms;
}

/** Each node counts on all of the money. @throws the code of the first that did not run it for as long as was asked */
async function runEverywhere(
  { module }: Content,
  turn: number,
  { client, fetcher, signal, status }: Omit<At, "nodeId"> & { client: Visitor },
): Promise<void> {
  const { persona, service } = client;
  const how = { module: toHex(module.hash), input: moduleInput(turn, LONG_STEPS), maxMs: LONG_MS, signal };
  const nodes = await getNodesForService(persona.node, { service });
  const runs = nodes.map(async ({ nodeId }): Promise<void> => {
    let ran = 0;
    try {
      await fetcher.run(nodeId, { ...how, onMs: (ms) => (ran = ms) });
    } catch (error) {
      if (errorCode(error) !== "ERR_COMPUTE_TIMEOUT") throw error;
    } finally {
      status.ms += ran;
    }
    status.runs += 1;
  });
  const failed = (await Promise.allSettled(runs)).find((run) => run.status === "rejected");
  if (failed) throw failed.reason;
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
