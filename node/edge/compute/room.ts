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

interface Held {
  runs: number;
  bytes: number;
}

/** What runs of modules take of a node, of all clients together and of each account. Rule D13. */
export class ComputeRoom {
  readonly takeMs: number;
  readonly #maxRuns: number;
  readonly #all: Held = { runs: 0, bytes: 0 };
  /** of those that hold anything */
  readonly #accounts = new Map<string, Held>();

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
    const id = bytesKey(account);
    this.assertRun(id);
    this.assertBytes(id);
    return new ComputeVisit(this, id);
  }

  /** For visits. @throws ERR_COMPUTE_BUSY when there is no room for one more run */
  assertRun(account: string): void {
    const most = Math.ceil(this.#maxRuns / 2);
    if (this.#of(account).runs >= most) throw busy(`${most} runs of this account are under way`);
    if (this.#all.runs >= this.#maxRuns) throw busy(`${this.#maxRuns} runs are under way`);
  }

  /** For visits. @throws ERR_COMPUTE_BUSY when more bytes are held than may be */
  assertBytes(account: string): void {
    if (this.#of(account).bytes > MAX_ACCOUNT_BYTES)
      throw busy("inputs and outputs of this account fill its room");
    if (this.#all.bytes > MAX_HELD_BYTES) throw busy("there is no room for more inputs");
  }

  /** For visits: takes so much more, or gives it back. */
  hold(account: string, runs: number, bytes: number): void {
    const own = this.#of(account);
    for (const held of [this.#all, own]) {
      held.runs += runs;
      held.bytes += bytes;
    }
    if (own.runs > 0 || own.bytes > 0) this.#accounts.set(account, own);
    else this.#accounts.delete(account);
  }

  #of(account: string): Held {
    return this.#accounts.get(account) ?? { runs: 0, bytes: 0 };
  }
}

function busy(why: string): Error {
  return edgeError("ERR_COMPUTE_BUSY", `${why}, ask again or elsewhere`);
}

/** One client's run from the first byte of its input to the last of its output that is taken. */
export class ComputeVisit {
  readonly #room: ComputeRoom;
  readonly #account: string;
  /** 1 while it runs */
  #runs = 0;
  #bytes = 0;

  constructor(room: ComputeRoom, account: string) {
    this.#room = room;
    this.#account = account;
  }

  /** More bytes of input have come. @throws ERR_COMPUTE_BUSY */
  input(bytes: number): void {
    this.#room.assertBytes(this.#account);
    this.#hold(0, bytes);
  }

  /** @throws ERR_COMPUTE_BUSY */
  begin(): void {
    this.#room.assertRun(this.#account);
    this.#hold(1, 0);
  }

  /** The run is over; so many bytes of its answer are still to be taken. */
  over(bytes: number): void {
    this.#hold(-this.#runs, bytes);
  }

  leave(): void {
    this.#hold(-this.#runs, -this.#bytes);
  }

  #hold(runs: number, bytes: number): void {
    this.#runs += runs;
    this.#bytes += bytes;
    this.#room.hold(this.#account, runs, bytes);
  }
}
