import { join } from "node:path";
import { allocate, JobFailure } from "#client/actions/allocate.ts";
import { estimateCost } from "#client/actions/estimate-cost.ts";
import { fetchContent } from "#client/actions/fetch-content.ts";
import { type OpenSessionParameters, openSession } from "#client/actions/open-session.ts";
import { NodeMemory, type RememberedNode } from "#client/node-memory.ts";
import type { LaneStore } from "#client/session/lane-store.ts";
import { ReserveBudget } from "#client/session/reserve-budget.ts";
import { type RunOptions, type RunResult, runModule } from "#client/session/run.ts";
import type { DeliverySession } from "#client/session/session.ts";
import type { StreamOptions } from "#client/session/stream.ts";
import type { Ed25519Signer } from "#crypto";
import { COMMODITY, SERVICE_CDN } from "#protocol/types/ack.ts";
import type { Hex } from "#protocol/types/hex.ts";
import type { FetchCommand } from "../cmds/fetch.ts";
import { cliError } from "../errors.ts";
import { formatStable } from "../io/amounts.ts";
import { createOutput } from "../io/output.ts";
import { writeOutput } from "../io/output-file.ts";
import { MAX_NODES, parseDelivery } from "./delivery.ts";
import { fileLaneStore, loadJson, saveJson } from "./lane-files.ts";
import { type Persona, personaOf } from "./persona.ts";
import { openSessionKey } from "./session.ts";

/** ms after which another node is asked as well, if too little came: a reservation takes a few blocks */
const PATIENCE_MS = 10_000;
/** bytes that have to come in that time */
const MIN_PROGRESS = 65_536;

export interface FetcherOptions {
  /** 0 when absent */
  lane?: number;
  /** the CDN when absent */
  service?: number;
  /** micro-USD locked for one node ahead of delivery; the SDK's when absent */
  maxReserve?: bigint;
  /** what may be locked for all nodes together */
  budget?: ReserveBudget;
  /** micro-USD per 10^9 units; the price at opening when absent */
  maxPrice?: bigint;
}

/** Fetches, and has modules run, for one persona; keeps one session per node and commodity. */
export class Fetcher {
  /** acknowledgements signed so far */
  acks = 0;
  readonly #persona: Persona;
  readonly #key: Ed25519Signer;
  readonly #store: LaneStore;
  readonly #lane: number;
  readonly #service: number;
  /** micro-USD */
  readonly #maxReserve: bigint | undefined;
  readonly #budget: ReserveBudget | undefined;
  /** micro-USD per 10^9 units */
  readonly #maxPrice: bigint | undefined;
  /** by commodity and node */
  readonly #sessions = new Map<string, DeliverySession>();

  constructor(persona: Persona, key: Ed25519Signer, store: LaneStore, options: FetcherOptions) {
    this.#persona = persona;
    this.#key = key;
    this.#lane = options.lane ?? 0;
    this.#service = options.service ?? SERVICE_CDN;
    this.#maxReserve = options.maxReserve;
    this.#budget = options.budget;
    this.#maxPrice = options.maxPrice;
    this.#store = {
      ...store,
      save: async (lane, state) => {
        await store.save(lane, state);
        this.acks += 1;
      },
    };
  }

  /** Content by its BLAKE3 hash, checked and acknowledged. @throws the codes of openSession and fetchContent */
  async fetch(
    nodeId: number,
    hash: Hex,
    how: Pick<StreamOptions, "signal" | "onBytes"> = {},
  ): Promise<Uint8Array> {
    const of = { nodeId, commodity: COMMODITY.bandwidth };
    return this.#within(of, how.signal, (session) => fetchContent(session, { hash, ...how }));
  }

  /** @throws the codes of openSession and runModule */
  async run(nodeId: number, how: RunOptions): Promise<RunResult> {
    const of = { nodeId, commodity: COMMODITY.compute };
    return this.#within(of, how.signal, (session) => runModule(session, how));
  }

  /** A session in which something failed is not used again. */
  async #within<T>(
    of: SessionOf,
    signal: AbortSignal | undefined,
    use: (session: DeliverySession) => Promise<T>,
  ): Promise<T> {
    const key = `${of.commodity}/${of.nodeId}`;
    const session = this.#sessions.get(key) ?? (await this.#open(of, signal));
    this.#sessions.set(key, session);
    try {
      return await use(session);
    } catch (error) {
      this.#sessions.delete(key);
      throw error;
    }
  }

  async #open(of: SessionOf, signal?: AbortSignal): Promise<DeliverySession> {
    const { node, address } = this.#persona;
    return openSession(node, {
      ...of,
      account: address,
      session: this.#key,
      store: this.#store,
      lane: this.#lane,
      service: this.#service,
      ...(signal && { signal }),
      ...(this.#maxReserve !== undefined && { maxReserve: this.#maxReserve }),
      ...(this.#budget && { budget: this.#budget }),
      ...(this.#maxPrice !== undefined && { maxPrice: this.#maxPrice }),
    });
  }
}

type SessionOf = Pick<OpenSessionParameters, "nodeId" | "commodity">;

const memoryPath = (folder: string): string => join(folder, "nodes.json");

/** What earlier fetches of this home saw of nodes. @throws ERR_LANE_FILE */
async function openMemory(folder: string): Promise<NodeMemory> {
  const path = memoryPath(folder);
  const remembered = (await loadJson<RememberedNode[]>(path)) ?? [];
  if (!Array.isArray(remembered)) throw cliError("ERR_LANE_FILE", `${path} is not a list`, { path });
  return new NodeMemory(remembered);
}

/** @throws the keystore codes */
export async function openFetcher(persona: Persona, options: FetcherOptions = {}): Promise<Fetcher> {
  const store = await fileLaneStore(join(persona.home.data, "lanes"));
  return new Fetcher(persona, await openSessionKey(persona), store, options);
}

export async function fetchToFile(named: string, options: FetchCommand): Promise<void> {
  const { hash, limits } = await parseDelivery(named, options);
  const { node, lane } = options;
  const deadlineMs = 1_000 * options.deadline;
  const persona = await personaOf(options);
  const fetcher = await openFetcher(persona, {
    ...{ lane, ...limits },
    ...(node === undefined && { budget: new ReserveBudget(limits.maxReserve) }),
  });
  const { bytes, nodeId } =
    node === undefined
      ? await fromAny(fetcher, persona, hash, deadlineMs)
      : {
          bytes: await fetcher.fetch(node, hash, { signal: AbortSignal.timeout(deadlineMs) }),
          nodeId: node,
        };
  if (options.output === undefined) {
    process.stdout.write(bytes);
    return;
  }
  await writeOutput(options.output, bytes);
  const cost = await estimateCost(persona.node, { units: BigInt(bytes.length) });
  const result = { hash: named, node: nodeId, bytes: bytes.length, cost, output: options.output };
  createOutput(options).data(result, [
    `${bytes.length} bytes from node ${nodeId} in ${options.output}, for at most ${formatStable(cost)}`,
  ]);
}

/** From whoever of all nodes delivers first, those first that say they have it, and another when one brings too little for a while. */
async function fromAny(
  fetcher: Fetcher,
  persona: Persona,
  hash: Hex,
  deadlineMs: number,
): Promise<{ bytes: Uint8Array; nodeId: number }> {
  const memory = await openMemory(persona.home.data);
  try {
    const { results } = await allocate(persona.node, {
      ...{ service: SERVICE_CDN, content: hash, maxNodes: MAX_NODES, memory },
      ...{ deadlineMs, patienceMs: Math.min(PATIENCE_MS, deadlineMs), minProgress: MIN_PROGRESS },
      run: ({ nodeId }, signal, onBytes) => fetcher.fetch(nodeId, hash, { signal, onBytes }),
    });
    const [first] = results;
    if (!first) throw cliError("ERR_NOT_DELIVERED", `no node delivered ${hash}`, { hash });
    return { bytes: first.result, nodeId: first.nodeId };
  } catch (error) {
    if (!(error instanceof JobFailure)) throw error;
    const failures = error.attempts.map(({ nodeId, code }) => `node ${nodeId}: ${code ?? "no answer"}`);
    const message = `no node delivered ${hash} (${failures.join(", ") || "none takes part"})`;
    throw cliError("ERR_NOT_DELIVERED", message, { hash }, error);
  } finally {
    await saveJson(memoryPath(persona.home.data), memory);
  }
}
