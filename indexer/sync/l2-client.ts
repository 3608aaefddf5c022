import { BaseError, createPublicClient, type Hex, http, type Log, type PublicClient } from "viem";
import { FlkError, isFlkError } from "#protocol/errors/error.ts";
import { hostOf, withoutUrls } from "./host.ts";
import { LogRange } from "./log-range.ts";

const TIMEOUT_MS = 20_000;
/** Headers asked for at once. */
const HEADERS = 16;
/** Rounds without anything new after which the other providers are asked whether they have more. */
const STALE_ROUNDS = 20;

export interface L2Block {
  number: number;
  hash: Hex;
}

export type L2Log = Log<bigint, number, false>;

export interface L2Client {
  /** Checks the chain id. @throws ERR_L2_CHAIN_ID */
  finalized(): Promise<L2Block>;
  /** Hash of a block; undefined when the provider does not have it. */
  hash(number: number): Promise<Hex | undefined>;
  /**
   * Logs of `addresses` from `from` on, in their order, and the block up to which they are complete (at most `to`).
   * @throws ERR_L2_RESPONSE for logs that were not asked for
   */
  logs(addresses: Hex[], from: number, to: number): Promise<{ logs: L2Log[]; to: number }>;
  /** Unix ms of the block of each log, by the log or by the header. */
  times(logs: readonly L2Log[]): Promise<Map<number, number>>;
  /** Gas of a mined transaction. */
  gasUsed(transaction: Hex): Promise<bigint>;
  /** Logs of one contract after `from` that are not finalized yet. */
  unfinalized(address: Hex, from: number): Promise<L2Log[]>;
}

interface Provider {
  url: string;
  client: PublicClient;
  range: LogRange;
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
  const providers: Provider[] = urls.map((url) => ({
    url,
    client: createPublicClient({ transport: http(url, { timeout: TIMEOUT_MS, retryCount: 1, fetchFn }) }),
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

  /** Goes to the provider that has the most final blocks, if another has more than the one in use. */
  async function leaveStale(): Promise<void> {
    const heights = await Promise.all(
      providers.map(async (provider) => {
        try {
          await assertChain(provider);
          return (await clientOf(provider).finalized()).number;
        } catch {
          // one that does not answer is not gone to
          return -1;
        }
      }),
    );
    const best = Math.max(...heights);
    if (best > (heights[current] as number)) current = heights.indexOf(best);
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
          const outcome = await round(clientOf(provider));
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

function clientOf({ client, url, range }: Provider): L2Client {
  return {
    finalized: () => asked(readFinalized(client)),
    hash: (number) => asked(readHash(client, number)),
    logs: (addresses, from, to) => asked(readLogs({ client, url, range }, { addresses, from, to })),
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

async function readHash(client: PublicClient, number: number): Promise<Hex | undefined> {
  try {
    return (await client.getBlock({ blockNumber: BigInt(number) })).hash;
  } catch (error) {
    if (error instanceof BaseError && error.name === "BlockNotFoundError") return undefined;
    throw error;
  }
}

async function readGasUsed(client: PublicClient, hash: Hex): Promise<bigint> {
  const { transactionHash, gasUsed } = await client.getTransactionReceipt({ hash });
  if (transactionHash !== hash || typeof gasUsed !== "bigint")
    throw new Error("the answer is no receipt of that transaction");
  return gasUsed;
}

interface Asked {
  addresses: Hex[];
  from: number;
  to: number;
}

async function readLogs(
  { client, url, range }: Pick<Provider, "client" | "url" | "range">,
  { addresses, from, to }: Asked,
): Promise<{ logs: L2Log[]; to: number }> {
  for (;;) {
    const end = Math.min(to, from + range.blocks - 1);
    try {
      const blocks = { fromBlock: BigInt(from), toBlock: BigInt(end) };
      const logs = await client.getLogs({ address: addresses, ...blocks });
      range.answered(end - from + 1);
      return { logs: sortedLogs(url, logs, { addresses, from, to: end }), to: end };
    } catch (error) {
      // otherwise the next provider, or the next round, tries the smaller range
      if (isFlkError(error) || !range.refused(error)) throw error;
    }
  }
}

/** @throws ERR_L2_RESPONSE */
function sortedLogs(url: string, logs: L2Log[], wanted: Asked): L2Log[] {
  const addresses = new Set(wanted.addresses.map((address) => address.toLowerCase()));
  const seen = new Set<string>();
  for (const log of logs) {
    const number = Number(log.blockNumber);
    const at = `${number}/${log.logIndex}`;
    const fits = number >= wanted.from && number <= wanted.to && addresses.has(log.address.toLowerCase());
    if (!fits || log.removed || seen.has(at)) {
      const message = `the L2 at ${hostOf(url)} answered with logs that are not of what was asked for`;
      throw new FlkError("ERR_L2_RESPONSE", message, { host: hostOf(url), block: number });
    }
    seen.add(at);
  }
  return logs.sort((a, b) => Number(a.blockNumber - b.blockNumber) || a.logIndex - b.logIndex);
}

async function readTimes(client: PublicClient, logs: readonly L2Log[]): Promise<Map<number, number>> {
  const times = new Map<number, number>();
  const missing = new Set<bigint>();
  for (const { blockNumber, blockTimestamp } of logs) {
    if (blockTimestamp) times.set(Number(blockNumber), Number(blockTimestamp) * 1000);
    else missing.add(blockNumber);
  }
  const numbers = [...missing];
  for (let at = 0; at < numbers.length; at += HEADERS) {
    const headers = await Promise.all(
      numbers.slice(at, at + HEADERS).map((blockNumber) => client.getBlock({ blockNumber })),
    );
    for (const { number, timestamp } of headers) times.set(Number(number), Number(timestamp) * 1000);
  }
  return times;
}
