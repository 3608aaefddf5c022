import { newestSlot } from "#node/chain/protection/records.ts";
import { KIND } from "#protocol/digests/consensus.ts";
import { errorCode } from "#protocol/errors/error.ts";
import type { Rng } from "#scripts/bench/support/rng.ts";
import type { MemoryStore } from "#test/node/support/memory-store.ts";
import type { Machine } from "./machine.ts";

type Double = "secondCopy" | "oldBackup";

/** ms for which what may be a double listens for its own key: twice as long as a silent member keeps another waiting, which signs nothing meanwhile */
const WINDOW_MS = 6_000;
/** ms after which it has listened long enough, also while the committee stands */
const LISTENED_MS = 4 * WINDOW_MS + 3_000;
/** ms after its first signature in which it has heard the other's, or been heard */
const NOTICED_MS = 3_000;
/** ms that a backup is old */
const BACKUP_AGE_MS = 1_500;

/** The network that a double comes to. */
interface Scene {
  readonly honest: readonly Machine[];
  readonly ledger: { readonly closed: ReadonlyMap<number, Uint8Array> };
  run(ms: number, options: { idle: boolean; until: () => boolean }): Promise<void>;
}

/**
 * A node whose key another process has, too, or had later: it listens before it signs, hears the other's signatures, and
 * refuses (PROT-7, PROT-8). Nothing else is wrong meanwhile: what partitions hide from both is a known limit. That nothing is
 * signed twice is looked at as always.
 */
export class Doubles {
  /** how many came, and how many of them refused: others came as the epoch ended, and had nothing to contradict */
  readonly counts: Partial<Record<Double | "doubleRefused", number>> = {};
  #scene: Scene;
  #rng: Rng;
  #found: (what: string) => void;

  constructor(scene: Scene, rng: Rng, found: (what: string) => void) {
    this.#scene = scene;
    this.#rng = rng;
    this.#found = found;
  }

  async appear(): Promise<void> {
    const signing = this.#scene.honest.filter((machine) => this.#signs(machine));
    const machine = signing[this.#rng.int(0, signing.length - 1)];
    if (!machine) return;
    const double = this.#rng.chance(0.5) ? "secondCopy" : "oldBackup";
    this.#count(double);
    await (double === "secondCopy" ? this.#secondCopy(machine) : this.#oldBackup(machine));
  }

  /** The same keys and records in a second place, while the node goes on. */
  async #secondCopy(machine: Machine): Promise<void> {
    const epochs = this.#epochs;
    const copy = machine.copy(WINDOW_MS);
    const refusal = await this.#watch(copy);
    copy.crash();
    if (refusal === undefined && this.#epochs === epochs && this.#signs(machine)) {
      this.#found(`nobody noticed a second copy of node ${machine.id}`);
    }
  }

  /** The node comes back with what its disk held a while ago, and gets its own disk again when it refuses. */
  async #oldBackup(machine: Machine): Promise<void> {
    const epochs = this.#epochs;
    const backup = machine.disk.clone();
    await this.#scene.run(BACKUP_AGE_MS, { idle: true, until: () => false });
    const own = machine.disk;
    const newer = await signedLater(own, backup, epochs);
    machine.crash();
    machine.restore(backup, WINDOW_MS);
    const refusal = await this.#watch(machine);
    // what signed something is the node from now on
    if (machine.signed && newer && this.#epochs === epochs) {
      this.#found(`node ${machine.id} signs from an old backup in epoch ${epochs}`);
    }
    if (machine.signed && refusal === undefined) machine.windowMs = 0;
    else {
      machine.crash();
      machine.restore(own, 0);
    }
    machine.start();
  }

  /** Runs until it refuses, or has had the time for it. */
  async #watch(double: Machine): Promise<unknown> {
    let refusal: unknown;
    double.refused = (error) => {
      refusal = error;
      double.crash();
    };
    double.start();
    const refuses = () => refusal !== undefined;
    await this.#scene.run(LISTENED_MS, { idle: true, until: () => refuses() || double.signed });
    await this.#scene.run(NOTICED_MS, { idle: true, until: refuses });
    double.refused = undefined;
    if (refusal === undefined) return undefined;
    if (errorCode(refusal) === "ERR_DOPPELGANGER") this.#count("doubleRefused");
    else this.#found(`a double of node ${double.id} stopped: ${errorCode(refusal)} ${refusal}`);
    return refusal;
  }

  #count(what: Double | "doubleRefused"): void {
    this.counts[what] = (this.counts[what] ?? 0) + 1;
  }

  get #epochs(): number {
    return this.#scene.ledger.closed.size;
  }

  #signs({ chain, consensus }: Machine): boolean {
    return chain !== undefined && consensus?.epoch === this.#epochs && consensus.status().round > 0;
  }
}

async function signedLater(own: MemoryStore, backup: MemoryStore, epoch: number): Promise<boolean> {
  const [now, then] = await Promise.all([own, backup].map((disk) => newestSlot(disk, KIND.header, epoch)));
  return now !== undefined && (then === undefined || now > then);
}
