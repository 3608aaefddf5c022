import { BaseError, createPublicClient, type Hex, http, type PublicClient } from "viem";
import { FlkError, isFlkError } from "#protocol/errors/error.ts";
import { Witness } from "./doubts.ts";
import { type L2Header, readHeader, readHeaders } from "./header.ts";
import { hostOf, withoutUrls } from "./host.ts";
import { type Emitters, type L2Log, readLogs, type Source } from "./log-query.ts";
import { LogRange } from "./log-range.ts";

const TIMEOUT_MS = 20_000;
/** For what a provider is asked about the answer of another: long enough if it is well. */
const SECOND_TIMEOUT_MS = 3_000;
/** Rounds without anything new after which the other providers are asked whether they have more. */
const STALE_ROUNDS = 20;

export interface L2Block {
  number: number;
  hash: Hex;
}

export interface L2Client {
  /** of the provider: a secret */
  url: string;
  /** Checks the chain id. @throws ERR_L2_CHAIN_ID */
  finalized(): Promise<L2Block>;
  /** Hash of a block; undefined when the provider does not have it. */
  hash(number: number): Promise<Hex | undefined>;
  /**
   * Logs of `emitters` from `from` on, in their order, and the block up to which they are complete (at most `to`), as it was after they
   * were read.
   * @throws ERR_L2_RESPONSE for logs that were not asked for, and for an answer without logs that a block has
   */
  logs(emitters: Emitters, from: number, to: number): Promise<{ logs: L2Log[]; last: L2Block }>;
  /** Unix ms of the block of each log, by the log or by the header. */
  times(logs: readonly L2Log[]): Promise<Map<number, number>>;
  /** Gas of a mined transaction. */
  gasUsed(transaction: Hex): Promise<bigint>;
  /** Logs of one contract after `from` that are not finalized yet. */
  unfinalized(address: Hex, from: number): Promise<L2Log[]>;
}

interface Provider extends Source {
  /** asks about the answers of another */
  second: Witness;
  checked: boolean;
}

/** What a round found; "idle": nothing new. */
export type Outcome = "more" | "idle";

/**
 * Several RPC URLs, one at a time: `use` runs a whole round of reads against one provider, so that a provider that lags
 * cannot answer for a range that another one announced; when it fails, lies or stands still the next one is tried.
 */
export function createL2Providers(urls: string[], chainId: number, signal: AbortSignal) {
  const fetchFn: typeof fetch = (input, init) =>
    fetch(input, { ...init, signal: init?.signal ? AbortSignal.any([init.signal, signal]) : signal });
  const clientAt = (url: string, timeout: number, retryCount: number): PublicClient =>
    createPublicClient({ transport: http(url, { timeout, retryCount, fetchFn }) });
  const providers: Provider[] = urls.map((url) => ({
    url,
    client: clientAt(url, TIMEOUT_MS, 1),
    second: new Witness(url, clientAt(url, SECOND_TIMEOUT_MS, 0)),
    range: new LogRange(),
    checked: false,
  }));
  let current = 0;
  let idle = 0;

  async function assertChain(provider: Provider): Promise<void> {
    if (provider.checked) return;
    const got = await asked(provider.client.getChainId());
    if (got !== chainId) {
      throw new FlkError(
        "ERR_L2_CHAIN_ID",
        `the L2 at ${hostOf(provider.url)} has chain id ${got}, expected ${chainId}`,
        { host: hostOf(provider.url), got, expected: chainId },
      );
    }
    provider.checked = true;
  }

  /** Of its final block; -1 of one that does not answer, which is not gone to. */
  async function heightOf(provider: Provider): Promise<number> {
    try {
      await assertChain(provider);
      return (await clientOf(provider, providers).finalized()).number;
    } catch {
      return -1;
    }
  }

  /** Goes to the provider that has the most final blocks, if another has more than the one in use. */
  async function leaveStale(): Promise<void> {
    const heights = await Promise.all(providers.map(heightOf));
    const best = Math.max(...heights);
    if (best <= (heights[current] as number)) return;
    // a block may have become final between the two answers
    if (best > (await heightOf(providers[current] as Provider))) current = heights.indexOf(best);
  }

  return {
    /**
     * Each provider once at most, from the one that answered last.
     * @throws ERR_L2_CHAIN_ID, ERR_L2_FORK when all that answer say so; ERR_L2_UNREACHABLE when no provider answers; what `round` throws of
     * anything but the L2
     */
    async use(round: (client: L2Client) => Promise<Outcome>): Promise<Outcome> {
      const failures: unknown[] = [];
      for (let tried = 0; tried < providers.length; tried++) {
        const provider = providers[current] as Provider;
        try {
          await assertChain(provider);
          const outcome = await round(clientOf(provider, providers));
          idle = outcome === "idle" ? idle + 1 : 0;
          if (providers.length > 1 && idle % STALE_ROUNDS === STALE_ROUNDS - 1) await leaveStale();
          return outcome;
        } catch (error) {
          if (!isOfL2(error)) throw error;
          failures.push(error);
          provider.checked = false;
          current = (current + 1) % providers.length;
        }
      }
      throw worst(urls, failures);
    },
  };
}

export type L2Providers = ReturnType<typeof createL2Providers>;

/** A provider did not answer, or what it answered makes no sense: whatever the library made of that. */
class ProviderError extends Error {}

async function asked<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (cause) {
    if (isFlkError(cause)) throw cause;
    throw new ProviderError("an L2 provider failed", { cause });
  }
}

/** Said by a provider, so that another may say something else; our own database fails with any. */
function isOfL2(error: unknown): boolean {
  return error instanceof ProviderError || (isFlkError(error) && error.code.startsWith("ERR_L2_"));
}

/** Of what the providers said: a fork is worse than a wrong answer, and that is worse than none. */
function worst(urls: string[], failures: unknown[]): unknown {
  const codes = ["ERR_L2_FORK", "ERR_L2_LOG", "ERR_L2_RESPONSE", "ERR_L2_CHAIN_ID", "ERR_L2_UNREACHABLE"];
  for (const code of codes) {
    const found = failures.find((error) => error instanceof FlkError && error.code === code);
    if (found) return found;
  }
  const { cause } = failures.at(-1) as ProviderError;
  const reason = withoutUrls(cause instanceof BaseError ? cause.shortMessage : String(cause), urls);
  return new FlkError("ERR_L2_UNREACHABLE", `no L2 URL answers: ${reason}`, { urls: urls.length }, { cause });
}

function clientOf(provider: Provider, all: readonly Provider[]): L2Client {
  const { client } = provider;
  const others = all.filter((other) => other !== provider).map(({ second }) => second);
  return {
    url: provider.url,
    finalized: () => asked(readFinalized(client)),
    hash: async (number) => (await asked(readHeader(client, number)))?.hash,
    logs: (emitters, from, to) => asked(readLogs(provider, others, { emitters, from, to })),
    times: (logs) => asked(readTimes(client, logs)),
    gasUsed: (transaction) => asked(readGasUsed(client, transaction)),
    unfinalized: (address, from) =>
      asked(client.getLogs({ address, fromBlock: BigInt(from) + 1n, toBlock: "latest" })),
  };
}

async function readFinalized(client: PublicClient): Promise<L2Block> {
  const block = await client.getBlock({ blockTag: "finalized" });
  return { number: Number(block.number), hash: block.hash };
}

async function readGasUsed(client: PublicClient, hash: Hex): Promise<bigint> {
  const { transactionHash, gasUsed } = await client.getTransactionReceipt({ hash });
  if (transactionHash !== hash || typeof gasUsed !== "bigint")
    throw new Error("the answer is no receipt of that transaction");
  return gasUsed;
}

async function readTimes(client: PublicClient, logs: readonly L2Log[]): Promise<Map<number, number>> {
  const times = new Map<number, number>();
  const missing = new Set<number>();
  for (const { blockNumber, blockTimestamp } of logs) {
    if (blockTimestamp) times.set(Number(blockNumber), Number(blockTimestamp) * 1000);
    else missing.add(Number(blockNumber));
  }
  const headers: L2Header[] = await readHeaders(client, [...missing]);
  for (const { number, time } of headers) times.set(number, time);
  return times;
}
