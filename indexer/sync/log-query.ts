import { BaseError, type Hex, type Log, type PublicClient } from "viem";
import { FlkError } from "#protocol/errors/error.ts";
import { type BloomBits, bloomBits, readBloom } from "./bloom.ts";
import { hostOf } from "./host.ts";
import type { LogRange } from "./log-range.ts";

/** Headers asked for at once. */
const HEADERS = 16;
/** L2 blocks behind the final one from where on every header is read. */
const CHECKED = 256;

export type L2Log = Log<bigint, number, false>;

/** Contracts whose logs are read, by address in lower case, with the first topics that they are known to have. */
export type Emitters = ReadonlyMap<string, readonly Hex[]>;

export interface L2Header {
  number: number;
  hash: Hex;
  /** Unix ms */
  time: number;
  bloom: unknown;
}

export interface Source {
  url: string;
  client: PublicClient;
  range: LogRange;
}

/** Undefined when the provider does not have it. */
export async function readHeader(client: PublicClient, number: number): Promise<L2Header | undefined> {
  try {
    const block = await client.getBlock({ blockNumber: BigInt(number) });
    if (Number(block.number) !== number || !/^0x[0-9a-f]{64}$/i.test(block.hash ?? ""))
      throw new Error(`the answer is no block ${number}`);
    const time = Number(block.timestamp) * 1000;
    return { number, hash: block.hash, time, bloom: block.logsBloom };
  } catch (error) {
    if (error instanceof BaseError && error.name === "BlockNotFoundError") return undefined;
    throw error;
  }
}

/** In the order of `numbers`. @throws ERR_L2_UNREACHABLE for one that the provider does not have */
export async function readHeaders(client: PublicClient, numbers: readonly number[]): Promise<L2Header[]> {
  const headers: L2Header[] = [];
  for (let at = 0; at < numbers.length; at += HEADERS) {
    const part = numbers.slice(at, at + HEADERS).map(async (number) => {
      const header = await readHeader(client, number);
      if (header) return header;
      throw new FlkError("ERR_L2_UNREACHABLE", `the L2 lacks its block ${number}`, { block: number });
    });
    headers.push(...(await Promise.all(part)));
  }
  return headers;
}

/**
 * Logs of `emitters` from `from` to `to`, or as far as one answer reaches, and the last of its headers. Headers are read after the
 * logs: every one near `to`, before that the last of each answer. What they say of the logs must be so.
 * @throws ERR_L2_RESPONSE, ERR_L2_UNREACHABLE
 */
export async function readLogs(
  { client, url, range }: Source,
  others: readonly PublicClient[],
  { emitters, from, to }: { emitters: Emitters; from: number; to: number },
): Promise<{ logs: L2Log[]; last: L2Header }> {
  const { logs, end } = await queryLogs({ client, url, range }, { emitters, from, to });
  const first = Math.max(from, Math.min(end, to - CHECKED + 1));
  const headers = await readHeaders(
    client,
    Array.from({ length: end - first + 1 }, (_, i) => first + i),
  );
  const byBlock = Map.groupBy(logs, (log) => Number(log.blockNumber));
  for (const header of headers) {
    const found = byBlock.get(header.number) ?? [];
    if (found.some(({ blockHash }) => blockHash !== header.hash))
      throw wrongLogs(url, header.number, "with logs of another block of that number");
    for (const address of missingEmitters(header, found, emitters)) {
      // another provider that does not say leaves it to the one that is in use
      const second = others.map((other) => hasLogs(other, header, address).catch(() => false));
      const told = await Promise.all([hasLogs(client, header, address), ...second]);
      if (told.includes(true)) throw wrongLogs(url, header.number, "without logs that the block has");
    }
  }
  return { logs, last: headers.at(-1) as L2Header };
}

async function queryLogs(
  { client, url, range }: Source,
  { emitters, from, to }: { emitters: Emitters; from: number; to: number },
): Promise<{ logs: L2Log[]; end: number }> {
  const address = [...emitters.keys()] as Hex[];
  for (;;) {
    const end = Math.min(to, from + range.blocks - 1);
    try {
      const logs = await client.getLogs({ address, fromBlock: BigInt(from), toBlock: BigInt(end) });
      range.answered(end - from + 1, logs.length);
      return { logs: sortedLogs(url, logs, { emitters, from, to: end }), end };
    } catch (error) {
      // otherwise the next provider, or the next round, tries the smaller range
      if (error instanceof FlkError || !range.refused(error)) throw error;
    }
  }
}

/** Contracts that the header's bloom has, with one of their topics, and of which no log came. Most are there by chance. */
function missingEmitters({ bloom }: L2Header, logs: readonly L2Log[], emitters: Emitters): Hex[] {
  const has = readBloom(bloom);
  if (!has) return [];
  const came = new Set(logs.map(({ address }) => address.toLowerCase()));
  return [...emitters].flatMap(([address, topics]) =>
    !came.has(address) && has(bitsOf(address as Hex)) && topics.some((topic) => has(bitsOf(topic)))
      ? [address as Hex]
      : [],
  );
}

/** Of contracts and events, which are few. */
const knownBits = new Map<Hex, BloomBits>();
function bitsOf(value: Hex): BloomBits {
  const bits = knownBits.get(value) ?? bloomBits(value);
  knownBits.set(value, bits);
  return bits;
}

/** By the block's hash: a provider that lacks the block cannot say that it has none. */
async function hasLogs(client: PublicClient, { hash }: L2Header, address: Hex): Promise<boolean> {
  const logs = await client.getLogs({ address, blockHash: hash });
  return logs.some((log) => log.blockHash === hash && log.address.toLowerCase() === address);
}

function wrongLogs(url: string, block: number, how: string): FlkError<"ERR_L2_RESPONSE"> {
  const host = hostOf(url);
  return new FlkError("ERR_L2_RESPONSE", `the L2 at ${host} answered for block ${block} ${how}`, {
    host,
    block,
  });
}

/** @throws ERR_L2_RESPONSE */
function sortedLogs(
  url: string,
  logs: L2Log[],
  { emitters, from, to }: { emitters: Emitters; from: number; to: number },
): L2Log[] {
  for (const log of logs) {
    const number = Number(log.blockNumber);
    const fits = number >= from && number <= to && emitters.has(log.address.toLowerCase());
    if (!fits || log.removed) throw wrongLogs(url, number, "with logs that are not of what was asked for");
  }
  logs.sort((a, b) => Number(a.blockNumber - b.blockNumber) || a.logIndex - b.logIndex);
  for (const [i, { blockNumber, logIndex }] of logs.entries()) {
    const before = logs[i - 1];
    if (before?.blockNumber === blockNumber && before.logIndex === logIndex)
      throw wrongLogs(url, Number(blockNumber), "with a log twice");
  }
  return logs;
}
