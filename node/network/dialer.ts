import type { Clock } from "#node/interface/clock.ts";

/** ms */
const FIRST_RETRY = 200;
const LAST_RETRY = 5000;
/** The higher nodeId of a pair leaves it to the other for so long: at first, because it may just have restarted, and then. */
const SECOND_DIALER_FIRST = 400;
const SECOND_DIALER_THEN = 6000;

interface Entry {
  attempts: number;
  dialling: boolean;
  cancel: (() => void) | undefined;
}

/** Says when to dial whom: the lower nodeId of a pair dials, with growing and jittered delays after failures. */
export class Dialer {
  #self: number;
  #clock: Clock;
  #dial: (nodeId: number) => Promise<void>;
  #entries = new Map<number, Entry>();

  /** `dial` resolves when the peer is connected and rejects otherwise. */
  constructor(self: number, clock: Clock, dial: (nodeId: number) => Promise<void>) {
    this.#self = self;
    this.#clock = clock;
    this.#dial = dial;
  }

  /** Keeps on dialling until `remove`. `attempts`: above 0 to begin with a delay. */
  want(nodeId: number, attempts = 0): void {
    if (this.#entries.has(nodeId)) return;
    const entry: Entry = { attempts, dialling: false, cancel: undefined };
    this.#entries.set(nodeId, entry);
    this.#schedule(nodeId, entry);
  }

  remove(nodeId: number): void {
    this.#entries.get(nodeId)?.cancel?.();
    this.#entries.delete(nodeId);
  }

  removeAll(): void {
    for (const nodeId of [...this.#entries.keys()]) this.remove(nodeId);
  }

  #delay(nodeId: number, attempts: number): number {
    const backoff = attempts === 0 ? 0 : Math.min(LAST_RETRY, FIRST_RETRY * 2 ** (attempts - 1));
    const second = attempts === 0 ? SECOND_DIALER_FIRST : SECOND_DIALER_THEN;
    const base = this.#self < nodeId ? backoff : second + backoff;
    return base * (0.75 + Math.random() / 2);
  }

  #schedule(nodeId: number, entry: Entry): void {
    if (entry.dialling) return;
    entry.cancel = this.#clock.after(
      this.#delay(nodeId, entry.attempts),
      () => void this.#attempt(nodeId, entry),
    );
  }

  async #attempt(nodeId: number, entry: Entry): Promise<void> {
    entry.dialling = true;
    entry.attempts++;
    try {
      await this.#dial(nodeId);
    } catch {
      // `dial` has logged and counted it; what is left is to try again
    }
    entry.dialling = false;
    if (this.#entries.get(nodeId) === entry) this.#schedule(nodeId, entry);
  }
}
