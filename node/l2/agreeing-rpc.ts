import { createPublicClient, type Hex, http, type Log, type PublicClient } from "viem";
import { type FlkError, isFlkError } from "#protocol/errors/error.ts";
import type { L2Checkpoint } from "#protocol/types/consensus.ts";
import { fromHex } from "#protocol/types/hex.ts";
import type { Finality } from "./contracts.ts";
import { l2Error } from "./errors.ts";

const REQUEST_TIMEOUT_MS = 10_000;

interface Source {
  /** host only: the rest of an RPC URL is often a key */
  host: string;
  client: PublicClient;
}

/** A log of a mined block. */
export type MinedLog = Log<bigint, number, false>;

/** Asks every RPC the same and returns what all of them say. */
export class AgreeingRpc {
  #sources: Source[];
  #finality: Finality;

  constructor(urls: readonly string[], finality: Finality) {
    if (urls.length === 0) throw new TypeError("at least one RPC URL");
    this.#finality = finality;
    this.#sources = urls.map((url) => ({
      host: new URL(url).host,
      client: createPublicClient({ transport: http(url, { timeout: REQUEST_TIMEOUT_MS, retryCount: 0 }) }),
    }));
  }

  /** @throws ERR_L2_CHAIN_ID, ERR_L2_UNREACHABLE */
  async assertChainId(expected: number): Promise<void> {
    await this.#all(async ({ client, host }) => {
      const got = await client.getChainId();
      if (got === expected) return;
      const message = `the L2 at ${host} is chain ${got}, the configuration says ${expected}`;
      throw l2Error("ERR_L2_CHAIN_ID", message, { host, expected, got });
    });
  }

  /** Highest block that every RPC calls final; -1 while there is none. @throws ERR_L2_UNREACHABLE */
  async finalizedNumber(): Promise<number> {
    const numbers = await this.#all(async ({ client }) => {
      if (this.#finality === "finalized") return (await client.getBlock({ blockTag: "finalized" })).number;
      return (await client.getBlockNumber({ cacheTime: 0 })) - BigInt(this.#finality.confirmations);
    });
    return Math.max(-1, Math.min(...numbers.map(Number)));
  }

  /** A final block. @throws ERR_L2_DISAGREE, ERR_L2_UNREACHABLE */
  async block(number: number): Promise<L2Checkpoint> {
    const hashes = await this.#all(async ({ client }) => {
      const block = await client.getBlock({ blockNumber: BigInt(number) });
      return block.hash as Hex;
    });
    const hash = this.#agreed(hashes, (value) => value, `the hash of block ${number}`, number);
    return { number, hash: fromHex(hash, 32) };
  }

  /** Logs of final blocks, ascending. @throws ERR_L2_DISAGREE, ERR_L2_UNREACHABLE */
  async logs(address: Hex[], fromBlock: number, toBlock: number): Promise<MinedLog[]> {
    const range = { fromBlock: BigInt(fromBlock), toBlock: BigInt(toBlock) };
    const all = await this.#all(async ({ client }) => {
      const logs = (await client.getLogs({ address, ...range })) as MinedLog[];
      return logs.sort((a, b) => Number(a.blockNumber - b.blockNumber) || a.logIndex - b.logIndex);
    });
    return this.#agreed(all, logsKey, `the logs of blocks ${fromBlock} to ${toBlock}`, toBlock);
  }

  #agreed<T>(answers: T[], keyOf: (answer: T) => string, what: string, block: number): T {
    const [first, ...rest] = answers as [T, ...T[]];
    const key = keyOf(first);
    const other = rest.findIndex((answer) => keyOf(answer) !== key);
    if (other < 0) return first;
    const hosts = [this.#sources[0]?.host, this.#sources[other + 1]?.host].join(" and ");
    throw l2Error("ERR_L2_DISAGREE", `${hosts} disagree about ${what}`, { hosts, block });
  }

  async #all<T>(ask: (source: Source) => Promise<T>): Promise<T[]> {
    return Promise.all(
      this.#sources.map(async (source) => {
        try {
          return await ask(source);
        } catch (cause) {
          throw isFlkError(cause) ? cause : unreachable(source.host, cause);
        }
      }),
    );
  }
}

export function unreachable(host: string, cause: unknown): FlkError {
  const reason = cause instanceof Error && "shortMessage" in cause ? String(cause.shortMessage) : "no answer";
  return l2Error("ERR_L2_UNREACHABLE", `the L2 at ${host} does not answer: ${reason}`, { host }, { cause });
}

function logsKey(logs: MinedLog[]): string {
  return JSON.stringify(
    logs.map((log) => [
      log.blockNumber.toString(),
      log.blockHash,
      log.logIndex,
      log.transactionHash,
      log.address.toLowerCase(),
      log.topics,
      log.data,
    ]),
  );
}
