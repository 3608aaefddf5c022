import { BaseError, createPublicClient, type Hex, http, type Log, type PublicClient } from "viem";
import { FlkError } from "#protocol/errors/error.ts";
import { hostOf, withoutUrls } from "./host.ts";

const TIMEOUT_MS = 20_000;
/** L2 blocks per log query; halved when a provider refuses, doubled while it answers. */
const FIRST_RANGE = 1_000;
const MAX_RANGE = 10_000;

export interface L2Block {
  number: number;
  hash: Hex;
}

export interface L2Client {
  /** Checks the chain id. @throws ERR_L2_CHAIN_ID */
  finalized(): Promise<L2Block>;
  /** Hash of a block; undefined when the provider does not have it. */
  hash(number: number): Promise<Hex | undefined>;
  /** Logs of `addresses` from `from` on, and the block up to which they are complete (at most `to`). */
  logs(
    addresses: Hex[],
    from: number,
    to: number,
  ): Promise<{ logs: Log<bigint, number, false>[]; to: number }>;
  /** Gas of a mined transaction. */
  gasUsed(transaction: Hex): Promise<bigint>;
  /** Logs of one contract after `from` that are not finalized yet. */
  unfinalized(address: Hex, from: number): Promise<Log<bigint, number, false>[]>;
}

interface Provider {
  url: string;
  client: PublicClient;
  checked: boolean;
}

/**
 * Several RPC URLs, one at a time: `use` runs a whole round of reads against one provider, so that a provider that lags
 * cannot answer for a range that another one announced; when it fails the next one is tried.
 */
export function createL2Providers(urls: string[], chainId: number, signal: AbortSignal) {
  const fetchFn: typeof fetch = (input, init) =>
    fetch(input, { ...init, signal: init?.signal ? AbortSignal.any([init.signal, signal]) : signal });
  const providers: Provider[] = urls.map((url) => ({
    url,
    client: createPublicClient({ transport: http(url, { timeout: TIMEOUT_MS, retryCount: 1, fetchFn }) }),
    checked: false,
  }));
  let current = 0;
  let range = FIRST_RANGE;

  async function assertChain(provider: Provider): Promise<void> {
    if (provider.checked) return;
    const got = await provider.client.getChainId();
    if (got !== chainId) {
      throw new FlkError(
        "ERR_L2_CHAIN_ID",
        `the L2 at ${hostOf(provider.url)} has chain id ${got}, expected ${chainId}`,
        { host: hostOf(provider.url), got, expected: chainId },
      );
    }
    provider.checked = true;
  }

  function clientOf({ client }: Provider): L2Client {
    return {
      finalized: async () => {
        const block = await client.getBlock({ blockTag: "finalized" });
        return { number: Number(block.number), hash: block.hash };
      },
      hash: async (number) => {
        try {
          return (await client.getBlock({ blockNumber: BigInt(number) })).hash;
        } catch (error) {
          if (error instanceof BaseError && error.name === "BlockNotFoundError") return undefined;
          throw error;
        }
      },
      logs: async (address, from, to) => {
        for (;;) {
          const end = Math.min(to, from + range - 1);
          try {
            const logs = await client.getLogs({ address, fromBlock: BigInt(from), toBlock: BigInt(end) });
            range = Math.min(range * 2, MAX_RANGE);
            return { logs, to: end };
          } catch (error) {
            if (range === 1) throw error;
            range = Math.max(1, Math.floor(range / 2));
          }
        }
      },
      gasUsed: async (hash) => (await client.getTransactionReceipt({ hash })).gasUsed,
      unfinalized: (address, from) =>
        client.getLogs({ address, fromBlock: BigInt(from) + 1n, toBlock: "latest" }),
    };
  }

  return {
    /** @throws ERR_L2_CHAIN_ID, ERR_L2_UNREACHABLE when no provider answers, and what `round` throws of ours */
    async use<T>(round: (client: L2Client) => Promise<T>): Promise<T> {
      let last: unknown;
      for (let tried = 0; tried < providers.length; tried++) {
        const provider = providers[current % providers.length] as Provider;
        try {
          await assertChain(provider);
          return await round(clientOf(provider));
        } catch (error) {
          const ours = error instanceof FlkError && error.code !== "ERR_L2_CHAIN_ID";
          if (ours) throw error;
          last = error;
          provider.checked = false;
          current++;
        }
      }
      if (last instanceof FlkError) throw last;
      throw unreachable(urls, last);
    },
  };
}

export type L2Providers = ReturnType<typeof createL2Providers>;

function unreachable(urls: string[], cause: unknown): FlkError {
  const reason = withoutUrls(cause instanceof BaseError ? cause.shortMessage : String(cause), urls);
  return new FlkError("ERR_L2_UNREACHABLE", `no L2 URL answers: ${reason}`, { urls: urls.length }, { cause });
}
