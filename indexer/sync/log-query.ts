import type { Hex, Log, PublicClient } from "viem";
import { FlkError } from "#protocol/errors/error.ts";
import { type BloomBits, bloomBits, readBloom } from "./bloom.ts";
import { type Doubt, findMissing, type Witness } from "./doubts.ts";
import { type L2Header, readHeaders } from "./header.ts";
import { hostOf } from "./host.ts";
import type { LogRange } from "./log-range.ts";

/** L2 blocks behind the final one from where on every header is read. */
const CHECKED = 256;

export type L2Log = Log<bigint, number, false>;

/** Contracts whose logs are read, by address in lower case, with the first topics that they are known to have. */
export type Emitters = ReadonlyMap<string, readonly Hex[]>;

export interface Source {
  url: string;
  client: PublicClient;
  range: LogRange;
}

/**
 * Logs of `emitters` from `from` to `to`, or as far as one answer reaches, and the last of its headers. Headers are read after the
 * logs: every one near `to`, before that the last of each answer. What they say of the logs must be so.
 * @throws ERR_L2_RESPONSE, ERR_L2_UNREACHABLE
 */
export async function readLogs(
  { client, url, range }: Source,
  witnesses: readonly Witness[],
  { emitters, from, to }: { emitters: Emitters; from: number; to: number },
): Promise<{ logs: L2Log[]; last: L2Header }> {
  const { logs, end } = await queryLogs({ client, url, range }, { emitters, from, to });
  const first = Math.max(from, Math.min(end, to - CHECKED + 1));
  const headers = await readHeaders(
    client,
    Array.from({ length: end - first + 1 }, (_, i) => first + i),
  );
  const byBlock = Map.groupBy(logs, (log) => Number(log.blockNumber));
  const doubts: Doubt[] = [];
  for (const header of headers) {
    const found = byBlock.get(header.number) ?? [];
    if (found.some(({ blockHash }) => blockHash !== header.hash))
      throw wrongLogs(url, header.number, "with logs of another block of that number");
    const doubt = doubtOf(header, found, emitters);
    // a backend that lags lacks the newest
    if (doubt) doubts.unshift(doubt);
  }
  const missing = await findMissing({ url, client }, witnesses, doubts);
  if (missing) throw wrongLogs(url, missing.block, `without logs that ${hostOf(missing.url)} says it has`);
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
function doubtOf(header: L2Header, logs: readonly L2Log[], emitters: Emitters): Doubt | undefined {
  const has = readBloom(header.bloom);
  if (!has) return undefined;
  const came = new Set(logs.map(({ address }) => address.toLowerCase()));
  const topics = new Map<string, readonly Hex[]>();
  for (const [address, known] of emitters) {
    if (came.has(address) || !has(bitsOf(address as Hex))) continue;
    const there = known.filter((topic) => has(bitsOf(topic)));
    if (there.length > 0) topics.set(address, there);
  }
  return topics.size > 0 ? { header, topics } : undefined;
}

/** Of contracts and events, which are few. */
const knownBits = new Map<Hex, BloomBits>();
function bitsOf(value: Hex): BloomBits {
  const bits = knownBits.get(value) ?? bloomBits(value);
  knownBits.set(value, bits);
  return bits;
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
