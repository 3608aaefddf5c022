import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { estimateCost } from "#client/actions/estimate-cost.ts";
import { fetchContent } from "#client/actions/fetch-content.ts";
import { getNodes } from "#client/actions/get-node.ts";
import { openSession } from "#client/actions/open-session.ts";
import type { LaneStore } from "#client/session/lane-store.ts";
import type { DeliverySession } from "#client/session/session.ts";
import type { Ed25519Signer } from "#crypto";
import { errorCode } from "#protocol/errors/error.ts";
import { SERVICE_CDN } from "#protocol/types/ack.ts";
import type { Hex } from "#protocol/types/hex.ts";
import type { FetchCommand } from "../cmds/fetch.ts";
import { cliError } from "../errors.ts";
import { formatStable, parseStable } from "../io/amounts.ts";
import { createOutput } from "../io/output.ts";
import { fileLaneStore } from "./lane-files.ts";
import { type Persona, personaOf } from "./persona.ts";
import { openSessionKey } from "./session.ts";

export interface FetcherOptions {
  /** 0 when absent */
  lane?: number;
  /** the CDN when absent */
  service?: number;
  /** micro-USD locked for one node ahead of delivery; the SDK's when absent */
  maxReserve?: bigint;
  /** micro-USD per 10^9 units; the price at opening when absent */
  maxPrice?: bigint;
}

/** Fetches for one persona; keeps one delivery session per node. */
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
  /** micro-USD per 10^9 units */
  readonly #maxPrice: bigint | undefined;
  readonly #sessions = new Map<number, DeliverySession>();

  constructor(persona: Persona, key: Ed25519Signer, store: LaneStore, options: FetcherOptions) {
    this.#persona = persona;
    this.#key = key;
    this.#lane = options.lane ?? 0;
    this.#service = options.service ?? SERVICE_CDN;
    this.#maxReserve = options.maxReserve;
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
  async fetch(nodeId: number, hash: Hex, signal?: AbortSignal): Promise<Uint8Array> {
    const session = this.#sessions.get(nodeId) ?? (await this.#open(nodeId));
    try {
      return await fetchContent(session, { hash, ...(signal && { signal }) });
    } catch (error) {
      this.#sessions.delete(nodeId);
      throw error;
    }
  }

  async #open(nodeId: number): Promise<DeliverySession> {
    const { node, address } = this.#persona;
    const session = await openSession(node, {
      nodeId,
      account: address,
      session: this.#key,
      store: this.#store,
      lane: this.#lane,
      service: this.#service,
      ...(this.#maxReserve !== undefined && { maxReserve: this.#maxReserve }),
      ...(this.#maxPrice !== undefined && { maxPrice: this.#maxPrice }),
    });
    this.#sessions.set(nodeId, session);
    return session;
  }
}

/** @throws the keystore codes */
export async function openFetcher(persona: Persona, options: FetcherOptions = {}): Promise<Fetcher> {
  const store = await fileLaneStore(join(persona.home.data, "lanes"));
  return new Fetcher(persona, await openSessionKey(persona), store, options);
}

export async function fetchToFile(hash: string, options: FetchCommand): Promise<void> {
  if (!/^0x[0-9a-f]{64}$/i.test(hash)) throw cliError("ERR_USAGE", `not a BLAKE3 hash: ${hash}`);
  if (options.json && options.output === undefined) throw cliError("ERR_USAGE", "--json needs --output");
  const maxReserve = options.maxReserve === "0" ? 0n : parseStable(options.maxReserve);
  const persona = await personaOf(options);
  const fetcher = await openFetcher(persona, {
    lane: options.lane,
    maxReserve,
    ...(options.maxPrice !== undefined && { maxPrice: parseStable(options.maxPrice) }),
  });
  const nodes = options.node === undefined ? await everyNode(persona) : [options.node];
  const { bytes, nodeId } = await fromFirst(fetcher, nodes, hash.toLowerCase() as Hex);
  if (options.output === undefined) {
    process.stdout.write(bytes);
    return;
  }
  await writeFile(options.output, bytes);
  const cost = await estimateCost(persona.node, { units: BigInt(bytes.length) });
  const result = { hash, node: nodeId, bytes: bytes.length, cost, output: options.output };
  createOutput(options).data(result, [
    `${bytes.length} bytes from node ${nodeId} in ${options.output}, for at most ${formatStable(cost)}`,
  ]);
}

async function everyNode(persona: Persona): Promise<number[]> {
  const nodes = await getNodes(persona.node);
  return nodes.map(({ nodeId }) => nodeId);
}

async function fromFirst(
  fetcher: Fetcher,
  nodes: number[],
  hash: Hex,
): Promise<{ bytes: Uint8Array; nodeId: number }> {
  const failures: string[] = [];
  let last: unknown;
  for (const nodeId of nodes) {
    try {
      return { bytes: await fetcher.fetch(nodeId, hash), nodeId };
    } catch (error) {
      last = error;
      failures.push(`node ${nodeId}: ${errorCode(error)}`);
    }
  }
  if (nodes.length === 1 && last !== undefined) throw last;
  throw cliError("ERR_NOT_DELIVERED", `no node delivered ${hash} (${failures.join(", ")})`, { hash }, last);
}
