import type { L2Block, L2Client } from "./l2-client.ts";
import type { KnownLog, UnknownLog } from "./l2-logs.ts";

/** Decoded logs, complete up to block `last`, as it was after they were read. */
export interface Range {
  known: (KnownLog | UnknownLog)[];
  last: L2Block;
}

/** Reads one range of logs from block `from` on, up to `final` at most. */
export type ReadRange = (client: L2Client, from: number, final: L2Block) => Promise<Range>;

/** Ranges of one provider, in their order. */
interface Line {
  client: L2Client;
  /** up to which it reads */
  final: L2Block;
  /** first block that was not given yet */
  from: number;
  /** first block that was not read yet */
  next: number;
  /** read and not given yet */
  ranges: Range[];
  /** of the range that is being read, or failed */
  running: Promise<void> | undefined;
}

/** Reads ranges of logs, one after the other, while those before them are written. What a provider said counts only in a round with it. */
export class ReadAhead {
  readonly #read: ReadRange;
  readonly #most: number;
  #line: Line | undefined;

  /** `most`: logs that are given at once, and kept, unless one range has more */
  constructor(read: ReadRange, most: number) {
    this.#read = read;
    this.#most = most;
  }

  /**
   * The logs from block `from` on: all ranges that were read by now, or the first. Reads what follows meanwhile. What was read while the provider
   * was on another chain is read again.
   * @throws what reading throws, after which it begins anew
   */
  async take(client: L2Client, from: number, final: L2Block): Promise<Range[]> {
    const line = this.#line;
    if (line?.client.url === client.url && line.from === from && (line.running || line.ranges.length > 0)) {
      line.final = final;
      const ranges = await this.#shift(line);
      if (await areOf(client, ranges)) return ranges;
    }
    return this.#shift({ client, final, from, next: from, ranges: [], running: undefined });
  }

  async #shift(line: Line): Promise<Range[]> {
    this.#line = line;
    try {
      if (line.ranges.length === 0) await (line.running ?? this.#begin(line));
    } catch (error) {
      this.#line = undefined;
      throw error;
    }
    const taken: Range[] = [];
    let logs = 0;
    do {
      const range = line.ranges.shift() as Range;
      logs += range.known.length;
      taken.push(range);
    } while (line.ranges[0] && logs + line.ranges[0].known.length <= this.#most);
    line.from = (taken.at(-1) as Range).last.number + 1;
    this.#goOn(line);
    return taken;
  }

  #goOn(line: Line): void {
    if (line !== this.#line || line.running || line.next > line.final.number) return;
    if (line.ranges.reduce((sum, { known }) => sum + known.length, 0) < this.#most) void this.#begin(line);
  }

  #begin(line: Line): Promise<void> {
    line.running = this.#one(line);
    // whoever takes it hears of it; nobody takes it after a write that failed
    line.running.catch(() => undefined);
    return line.running;
  }

  async #one(line: Line): Promise<void> {
    const range = await this.#read(line.client, line.next, line.final);
    line.ranges.push(range);
    line.next = range.last.number + 1;
    line.running = undefined;
    this.#goOn(line);
  }
}

/** Whether the provider still has the blocks that the ranges end with. */
async function areOf(client: L2Client, ranges: readonly Range[]): Promise<boolean> {
  const hashes = await Promise.all(ranges.map(({ last }) => client.hash(last.number)));
  return ranges.every(({ last }, i) => last.hash === hashes[i]);
}
