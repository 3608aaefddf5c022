import { maxBigint, minBigint } from "#protocol/types/bigint.ts";
import { at, ceilDiv, type Refusal } from "./ledger.ts";

export interface Parameter {
  name: string;
  value: bigint;
  min: bigint;
  max: bigint;
}

interface Setting {
  value: bigint;
  /** in force once this epoch is posted next */
  from: number;
}

/** What ProtocolParameters says of each number, in each epoch. */
export class ParameterLedger {
  readonly list: readonly Parameter[];
  readonly #delays: { activation: bigint; escape: bigint };
  #settings: Map<string, Setting[]>;

  constructor(list: readonly Parameter[], delays: { activation: number; escape: number }) {
    this.list = list;
    this.#delays = { activation: BigInt(delays.activation), escape: BigInt(delays.escape) };
    this.#settings = new Map(list.map(({ name, value }) => [name, [{ value, from: 0 }]]));
  }

  get(name: string, next: number): bigint {
    return at(this.#until(name, next), 0).value;
  }

  /** Of the value in force, one that waits, and the one before the last change. */
  lowest(name: string, next: number): bigint {
    const waiting = this.scheduled(name, next).from === 0 ? 0 : 1;
    const values = this.#of(name)
      .slice(-2 - waiting)
      .map(({ value }) => value);
    return values.reduce(minBigint);
  }

  /** `from`: 0 when nothing waits. */
  scheduled(name: string, next: number): Setting {
    const newest = at(this.#of(name).slice(-1), 0);
    return newest.from > next ? newest : { ...newest, from: 0 };
  }

  evidenceEpochs(next: number): bigint {
    const epochs = ceilDiv(this.get("evidenceWindow", next) * 1000n, this.lowest("epochLengthMs", next));
    return maxBigint(1n, epochs);
  }

  set(values: Record<string, bigint>, next: number): Refusal {
    const before = this.#settings;
    this.#settings = structuredClone(before);
    const refusal = this.#write(values, next);
    if (refusal) this.#settings = before;
    return refusal;
  }

  #write(values: Record<string, bigint>, next: number): Refusal {
    for (const [name, value] of Object.entries(values)) {
      const { min, max } = at(
        this.list.filter((one) => one.name === name),
        0,
      );
      if (value < min || value > max) return "OutOfBounds";
      const settings = this.#of(name);
      if (this.scheduled(name, next).from !== 0) settings.pop();
      settings.push({ value, from: next + 1 });
    }
    if (["epochLengthMs", "thawPeriod", "evidenceWindow"].some((name) => name in values)) {
      if (!this.#outlives(next)) return "ThawTooShort";
    }
    if ("epochLengthMs" in values && !this.#isOnTime(next)) return "EscapeTooShort";
  }

  /** Stake thaws for longer than evidence against it counts. */
  #outlives(next: number): boolean {
    const covered = this.#twoEpochs(next) + this.#delays.activation + this.#longest("evidenceWindow", next);
    const thaw = minBigint(this.get("thawPeriod", next), this.scheduled("thawPeriod", next).value);
    return thaw >= covered;
  }

  #isOnTime(next: number): boolean {
    return this.#delays.escape >= this.#twoEpochs(next) + 2n * this.#delays.activation + 1n;
  }

  #twoEpochs(next: number): bigint {
    return ceilDiv(2n * this.#longest("epochLengthMs", next), 1000n);
  }

  #longest(name: string, next: number): bigint {
    return maxBigint(this.get(name, next), this.scheduled(name, next).value);
  }

  /** Newest first, without what waits. */
  #until(name: string, next: number): Setting[] {
    return this.#of(name)
      .filter(({ from }) => from <= next)
      .reverse();
  }

  #of(name: string): Setting[] {
    const settings = this.#settings.get(name);
    if (!settings) throw new RangeError(`no parameter ${name}`);
    return settings;
  }
}
