import { deliveryError } from "#node/delivery/errors.ts";
import { bytesKey } from "#protocol/types/bytes-key.ts";
import { edgeError } from "../errors.ts";

/** Of inputs that are read and outputs that are not taken, beyond which no more runs are let in: in all, and of one account. */
const MAX_HELD_BYTES = 64 << 20;
const MAX_ACCOUNT_BYTES = 8 << 20;
/** ms that a client has for what is left of an answer when its run is over */
const TAKE_MS = 30_000;

export interface RoomLimits {
  /** runs at once, of all clients together; an account has half of them at most */
  maxRuns: number;
  takeMs?: number;
}

class Holding {
  runs = 0;
  bytes = 0;
}

/** What runs of modules take of a node, of all clients together and of each account. Rule D13. */
export class ComputeRoom {
  readonly takeMs: number;
  readonly #maxRuns: number;
  readonly #all = new Holding();
  readonly #accounts = new Map<string, { holding: Holding; visits: number }>();

  constructor({ maxRuns, takeMs = TAKE_MS }: RoomLimits) {
    this.#maxRuns = maxRuns;
    this.takeMs = takeMs;
  }

  /** 0 to 100: the part of the runs that is under way */
  get load(): number {
    return this.#maxRuns === 0 ? 0 : Math.round((100 * this.#all.runs) / this.#maxRuns);
  }

  /** For a client who asks for a run: holds nothing yet. @throws ERR_COMMODITY, ERR_COMPUTE_BUSY */
  enter(account: Uint8Array): ComputeVisit {
    if (this.#maxRuns === 0) throw deliveryError("ERR_COMMODITY", "this node runs no modules");
    const key = bytesKey(account);
    const entry = this.#accounts.get(key) ?? { holding: new Holding(), visits: 0 };
    const { holding: own } = entry;
    this.#assertRun(own);
    this.#assertBytes(own);
    entry.visits += 1;
    this.#accounts.set(key, entry);
    return new ComputeVisit([this.#all, own], {
      run: () => this.#assertRun(own),
      bytes: () => this.#assertBytes(own),
      leave: () => {
        entry.visits -= 1;
        if (entry.visits === 0) this.#accounts.delete(key);
      },
    });
  }

  #assertRun(own: Holding): void {
    const most = Math.ceil(this.#maxRuns / 2);
    if (own.runs >= most) throw busy(`${most} runs of this account are under way`);
    if (this.#all.runs >= this.#maxRuns) throw busy(`${this.#maxRuns} runs are under way`);
  }

  #assertBytes(own: Holding): void {
    if (own.bytes > MAX_ACCOUNT_BYTES) throw busy("inputs and outputs of this account fill its room");
    if (this.#all.bytes > MAX_HELD_BYTES) throw busy("there is no room for more inputs");
  }
}

function busy(why: string): Error {
  return edgeError("ERR_COMPUTE_BUSY", `${why}, ask again or elsewhere`);
}

/** One client's run from the first byte of its input to the last of its output that is taken. */
export class ComputeVisit {
  readonly #holdings: readonly Holding[];
  readonly #room: { run(): void; bytes(): void; leave(): void };
  #bytes = 0;
  #running = false;

  /** `run`, `bytes`: throw when there is no room for another, for more. */
  constructor(holdings: readonly Holding[], room: { run(): void; bytes(): void; leave(): void }) {
    this.#holdings = holdings;
    this.#room = room;
  }

  /** More bytes of input have come. @throws ERR_COMPUTE_BUSY */
  input(bytes: number): void {
    this.#room.bytes();
    this.#hold(bytes);
  }

  /** @throws ERR_COMPUTE_BUSY */
  begin(): void {
    this.#room.run();
    this.#running = true;
    for (const holding of this.#holdings) holding.runs += 1;
  }

  /** The run is over; so many bytes of its answer are still to be taken. */
  over(bytes: number): void {
    this.#end();
    this.#hold(bytes);
  }

  leave(): void {
    this.#end();
    this.#hold(-this.#bytes);
    this.#room.leave();
  }

  #hold(bytes: number): void {
    this.#bytes += bytes;
    for (const holding of this.#holdings) holding.bytes += bytes;
  }

  #end(): void {
    if (!this.#running) return;
    this.#running = false;
    for (const holding of this.#holdings) holding.runs -= 1;
  }
}
