import type { Store } from "#indexer/store/database.ts";
import type { Rng } from "#scripts/bench/support/rng.ts";
import type { Disturbance, FakeRpc } from "../fake-rpc.ts";

/** Of 1,000 answers, writes and steps; what a seed draws for its run. */
export interface Odds {
  rpc: number;
  database: number;
  kill: number;
}

export class Faults {
  readonly #rng: Rng;
  readonly odds: Odds;
  /** nothing goes wrong any more */
  over = false;
  count = 0;

  constructor(rng: Rng) {
    this.#rng = rng;
    this.odds = { rpc: rng.int(20, 250), database: rng.int(20, 250), kill: rng.int(50, 250) };
  }

  happens(odds: number): boolean {
    if (this.over || this.#rng.below(1000) >= odds) return false;
    this.count++;
    return true;
  }

  /** An L2 that fails, lies about form and order, or lags. */
  disturbL2(rpc: FakeRpc): void {
    rpc.disturb = (method, result) => {
      if (!this.happens(this.odds.rpc)) return undefined;
      const wrong = method === "eth_getLogs" ? wrongLogs(result as object[], this.#rng) : { result: null };
      return this.#one([...BROKEN, wrong, { result: { number: "0x" } }]);
    };
  }

  /** A node that fails, or serves what its committee never signed. A report is lost or cut only: what is wrong in one is said for 30 s. */
  disturbNode(rpc: FakeRpc): void {
    rpc.disturb = (method, result) => {
      if (!this.happens(this.odds.rpc)) return undefined;
      const { ssz } = (result ?? {}) as { ssz?: string };
      if (ssz === undefined || method === "flk_get_epoch_report") return this.#one(BROKEN);
      const at = 2 + 2 * this.#rng.below(ssz.length / 2 - 1);
      const flipped = (Number.parseInt(ssz.slice(at, at + 2), 16) ^ (1 << this.#rng.below(8))).toString(16);
      const altered = ssz.slice(0, at) + flipped.padStart(2, "0") + ssz.slice(at + 2);
      const cut = ssz.slice(0, 2 + 2 * this.#rng.below(ssz.length / 2));
      return this.#one([...BROKEN, { result: { ssz: altered } }, { result: { ssz: cut } }, { result: null }]);
    };
  }

  /** The same database, which fails before, within and after what is written; `alive`: whether the process that writes still runs. */
  store(store: Store, alive: () => boolean): Store {
    const check = (when: string): void => {
      if (!alive()) throw new Error("the process was killed");
      if (this.happens(this.odds.database)) throw new Error(`the database failed ${when}`);
    };
    return {
      ...store,
      claim: async (signal, waiting) => {
        const writer = await store.claim(signal, waiting);
        return {
          ...writer,
          write: async (fn) => {
            check("before it began");
            const result = await writer.write(async (tx) => {
              const value = await fn(tx);
              check("before it committed");
              return value;
            });
            // committed, and nobody heard of it
            check("after it committed");
            return result;
          },
        };
      },
    };
  }

  #one<T>(values: readonly T[]): T {
    return values[this.#rng.below(values.length)] as T;
  }
}

const BROKEN: Disturbance[] = ["close", "truncate", "error"];

/** Logs that were not asked for, twice, out of order, or without their place. */
function wrongLogs(logs: object[], rng: Rng): Disturbance {
  const [first] = logs;
  if (!first) return { result: "0x" };
  const wrong = [
    [...logs].reverse(),
    [...logs, first],
    [{ ...first, blockNumber: "0xfffff" }, ...logs.slice(1)],
    [{ ...first, address: `0x${"99".repeat(20)}` }, ...logs.slice(1)],
    [{ ...first, data: "0x" }, ...logs.slice(1)],
    [{ ...first, blockNumber: null }, ...logs.slice(1)],
  ];
  return { result: wrong[rng.below(wrong.length)] };
}
