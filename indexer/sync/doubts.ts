import { type Hex, type PublicClient, TimeoutError } from "viem";
import type { L2Header } from "./header.ts";

/** Blocks that a URL is asked about at once. */
const AT_ONCE = 16;
/** ms that other URLs are given for the doubts of a range, and that one which took too long is left out for. */
const OTHERS_MS = 3_000;
const LEFT_OUT_MS = 60_000;

/** A block that may have logs which did not come: by contract, the topics that say so. */
export interface Doubt {
  header: L2Header;
  topics: ReadonlyMap<string, readonly Hex[]>;
}

/** A URL that is asked about the answers of another. */
export class Witness {
  readonly url: string;
  readonly #client: PublicClient;
  #leftOutUntil = 0;

  constructor(url: string, client: PublicClient) {
    this.url = url;
    this.#client = client;
  }

  /** Whether it has such logs. One that does not say leaves it to the URL in use. */
  async hasLogs(doubt: Doubt): Promise<boolean> {
    if (performance.now() < this.#leftOutUntil) return false;
    try {
      return await hasLogs(this.#client, doubt);
    } catch (error) {
      if (error instanceof TimeoutError) this.#leftOutUntil = performance.now() + LEFT_OUT_MS;
      return false;
    }
  }
}

/**
 * The first of `doubts` that is so, and the URL that says it: at most one query per doubt and URL, whatever contracts are in doubt.
 * @throws what the URL in use fails with
 */
export async function findMissing(
  { url, client }: { url: string; client: PublicClient },
  witnesses: readonly Witness[],
  doubts: readonly Doubt[],
): Promise<{ block: number; url: string } | undefined> {
  const end = performance.now() + OTHERS_MS;
  for (let at = 0; at < doubts.length; at += AT_ONCE) {
    const asked = performance.now() < end ? witnesses : [];
    const part = doubts.slice(at, at + AT_ONCE).map(async (doubt) => {
      const told = [hasLogs(client, doubt), ...asked.map((witness) => witness.hasLogs(doubt))];
      const who = (await Promise.all(told)).indexOf(true);
      return who < 0
        ? undefined
        : { block: doubt.header.number, url: [url, ...asked.map((w) => w.url)][who] };
    });
    const found = (await Promise.all(part)).find((each) => each !== undefined);
    if (found) return found as { block: number; url: string };
  }
  return undefined;
}

/** By the block's hash: a provider that lacks the block cannot say that it has none. */
async function hasLogs(client: PublicClient, { header: { hash }, topics }: Doubt): Promise<boolean> {
  const logs = await client.getLogs({ address: [...topics.keys()] as Hex[], blockHash: hash });
  return logs.some(
    (log) =>
      log.blockHash === hash &&
      log.topics[0] !== undefined &&
      topics.get(log.address.toLowerCase())?.includes(log.topics[0]),
  );
}
