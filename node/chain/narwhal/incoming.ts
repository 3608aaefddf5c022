import { consensusError } from "#node/consensus/errors.ts";
import { decodePeerMessage, type PeerMessage } from "#node/consensus/wire.ts";
import type { SignatureSet } from "#node/interface/crypto.ts";
import { errorCode } from "#protocol/errors/error.ts";
import type { EpochDeps } from "./deps.ts";
import { epochOf } from "./own-key-watch.ts";
import type { VerifiedTogether } from "./verified-together.ts";

/** ms that a message waits for others whose signatures are checked with its own */
const GATHER_MS = 1;

/** Refusals that honest peers cause by being slow, ahead or behind. */
const HARMLESS = new Set([
  "ERR_EPOCH_FOREIGN",
  "ERR_HEADER_TOO_OLD",
  "ERR_HEADER_CREATED_LATE",
  "ERR_VOTE_LOWER_ROUND",
  "ERR_VOTE_UNEXPECTED",
  "ERR_CERTIFICATE_TOO_OLD",
  "ERR_SUSPENDED_FULL",
]);

interface Gathered {
  from: number;
  message: PeerMessage;
  signatures: SignatureSet[];
  resolve(room: void | Promise<void>): void;
  reject(error: unknown): void;
}

/** How the messages that pass are dealt with. */
export interface IncomingEvents {
  /** False, and the end, when our own key signed in it what we did not. @throws what the peer is to blame for */
  isKnown(message: PeerMessage): boolean;
  /** As `Primary.unchecked`. */
  unchecked(from: number, message: PeerMessage): SignatureSet[];
  /** @throws refusals */
  apply(from: number, message: PeerMessage): void;
  /** The sender waits for it. */
  room(): Promise<void> | undefined;
}

/**
 * NAR-TOGETHER: peers' messages on their way to the primary. The headers and certificates of a round come at about the same time: their signatures are
 * checked together, one of each peer at most, and one by one when that fails. Each peer's messages stay in order.
 */
export class Incoming {
  readonly #deps: EpochDeps;
  readonly #verifier: VerifiedTogether;
  readonly #events: IncomingEvents;
  #gathered: Gathered[] = [];
  /** who sent a wrong signature once: theirs are checked alone, so that they spoil no common check again */
  #alone = new Set<number>();

  constructor(deps: EpochDeps, verifier: VerifiedTogether, events: IncomingEvents) {
    this.#deps = deps;
    this.#verifier = verifier;
    this.#events = events;
  }

  /** A refusal that only a faulty peer causes is thrown on to the network, which counts it against the peer. */
  receive(from: number, tag: number, bytes: Uint8Array): void | Promise<void> {
    try {
      const message = decodePeerMessage(tag, bytes);
      this.#assertMember(from, message);
      if (!this.#events.isKnown(message)) return undefined;
      const signatures = this.#together(from, message);
      if (signatures.length === 0) return this.#deal(from, message);
      return this.#gather(from, message, signatures).catch((error) => this.#refused(error, from));
    } catch (error) {
      return this.#refused(error, from);
    }
  }

  #refused(error: unknown, from: number): void {
    this.#deps.rejections.error(error, from);
    if (!HARMLESS.has(errorCode(error))) throw error;
  }

  /** Nothing is verified for a node that has no say in this epoch. */
  #assertMember(from: number, message: PeerMessage): void {
    const { committee, epoch } = this.#deps;
    if (committee.has(from) || epochOf(message) !== epoch) return;
    throw consensusError("ERR_MESSAGE_SENDER", "only members take part in an epoch", { from });
  }

  /** What is worth waiting for others; none when the message is dealt with at once. */
  #together(from: number, message: PeerMessage): SignatureSet[] {
    if (!this.#verifier.isWorthIt || this.#alone.has(from)) return [];
    return this.#events.unchecked(from, message);
  }

  #deal(from: number, message: PeerMessage): void | Promise<void> {
    this.#events.apply(from, message);
    return this.#events.room();
  }

  #gather(from: number, message: PeerMessage, signatures: SignatureSet[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#gathered.push({ from, message, signatures, resolve, reject });
      if (this.#gathered.length === 1) this.#deps.clock.after(GATHER_MS, () => this.#flush());
    });
  }

  #flush(): void {
    const gathered = this.#gathered;
    this.#gathered = [];
    const all = gathered.flatMap((each) => each.signatures);
    const wrong = this.#verifier.during(all, () => {
      for (const { from, message, resolve, reject } of gathered) {
        try {
          resolve(this.#deal(from, message));
        } catch (error) {
          reject(error);
        }
      }
    });
    // by their signatures: of what is known by now nobody asks whether it is right
    for (const { from, signatures } of gathered) {
      if (signatures.some((set) => wrong.includes(set))) this.#alone.add(from);
    }
  }
}
