import { BitArray } from "@chainsafe/ssz";
import type { SigningGuard } from "#node/interface/consensus.ts";
import type { Network } from "#node/interface/network.ts";
import { isFlkError } from "#protocol/errors/error.ts";
import { decode } from "#protocol/types/codec.ts";
import { Certificate } from "#protocol/types/consensus.ts";
import type { ChannelMux } from "../channel-mux.ts";
import { CERTIFICATES_TAG, FetchRequest, FetchResponse } from "./certificate-server.ts";
import { delay, type EpochDeps } from "./deps.ts";
import { narwhalError } from "./errors.ts";

/** ms */
const POLL_MS = 250;
const ASK_EVERY_MS = 1_000;
const REQUEST_TIMEOUT_MS = 3_000;
/** A member whose answers are wrong is asked half as often each time, down to every 64 s. */
const MAX_DOUBLINGS = 6;
/** certificates checked before other work gets its turn */
const SLICE = 16;
/** Rounds beyond the newest one of the beginning: what a copy signed in the first of them is in certificates of the next ones. */
const ROUNDS_HEARD = 3;

/** How far one member's certificates were read. */
interface Reading {
  /** all rounds up to it were read */
  after: number;
  /** seats read of the round after it */
  seats: Set<number>;
  /** it is connected, and everything that it had was read */
  done: boolean;
  /** `after` when everything that it had was read for the first time */
  began?: number;
  /** answers that were not what an honest member gives */
  faults: number;
}

/**
 * PROT-8: before anything is signed, reads the certificates that the other members have of this epoch, and hears what they send
 * meanwhile, until members with f+1 of the power were connected, with nothing more to say, for as long as the guard wants: it wants
 * more of a committee that stands, whose certificates tell nothing of what is signed.
 */
export class Listening {
  #deps: EpochDeps;
  #network: Network;
  #mux: ChannelMux;
  #inspect: (certificate: Certificate) => void;
  #after: number;
  #readings = new Map<number, Reading>();

  /** `after`: round up to which nothing can be news. What `inspect` throws is the member's fault, but for ERR_DOPPELGANGER. */
  constructor(
    deps: EpochDeps,
    network: Network,
    mux: ChannelMux,
    after: number,
    inspect: (certificate: Certificate) => void,
  ) {
    this.#deps = deps;
    this.#network = network;
    this.#mux = mux;
    this.#after = after;
    this.#inspect = inspect;
  }

  /** Resolves with false when the epoch was stopped before. */
  async run(guard: SigningGuard): Promise<boolean> {
    const { signal, clock } = this.#deps;
    const ending = new AbortController();
    const listening = AbortSignal.any([signal, ending.signal]);
    const reading = Promise.all(this.#others().map((peer) => this.#read(peer, listening)));
    try {
      // what a member's task throws ends the listening at once
      await Promise.race([this.#window(guard, listening), reading]);
    } finally {
      ending.abort();
      await reading;
    }
    await delay(clock, 0, signal);
    return !signal.aborted;
  }

  #others(): number[] {
    const { committee, self } = this.#deps;
    return committee.nodeIds.filter((nodeId) => nodeId !== self);
  }

  /** Counts what it listened: an interval during which the process or its machine stood still is none. */
  async #window(guard: SigningGuard, signal: AbortSignal): Promise<void> {
    const { clock } = this.#deps;
    let at = clock.elapsed();
    let hears = false;
    while (!signal.aborted) {
      const now = clock.elapsed();
      const heard = hears;
      hears = this.#oneIsHonest(({ done }) => done);
      const goesOn = this.#oneIsHonest(({ after, began = after }) => after >= began + ROUNDS_HEARD);
      if (heard && hears) guard.listened(Math.min(Math.max(0, now - at), 2 * POLL_MS), goesOn);
      at = now;
      if (guard.remainingMs === 0) return;
      await delay(clock, POLL_MS, signal);
    }
  }

  /** Whether those that are connected, and of which it holds, have so much power that one is honest. */
  #oneIsHonest(holds: (reading: Reading) => boolean): boolean {
    const { committee, self } = this.#deps;
    const connected = new Set(this.#network.connected());
    let power = 0;
    for (const [peer, reading] of this.#readings)
      if (connected.has(peer) && holds(reading)) power += committee.powerOf(peer);
    return power >= Math.min(committee.validity, committee.total - committee.powerOf(self));
  }

  async #read(peer: number, signal: AbortSignal): Promise<void> {
    const { clock } = this.#deps;
    const reading: Reading = { after: this.#after, seats: new Set(), done: false, faults: 0 };
    this.#readings.set(peer, reading);
    while (!signal.aborted) {
      const more = await this.#page(peer, reading, signal);
      if (more === undefined || !this.#network.connected().includes(peer)) reading.done = false;
      else if (!more) {
        reading.done = true;
        reading.began ??= reading.after;
      }
      const pause = ASK_EVERY_MS * 2 ** Math.min(reading.faults, MAX_DOUBLINGS);
      if (more !== true) await delay(clock, pause, signal);
    }
  }

  /** Whether there may be more; undefined when the member did not answer, or not as an honest one. */
  async #page(peer: number, reading: Reading, signal: AbortSignal): Promise<boolean | undefined> {
    const { rejections } = this.#deps;
    const options = { timeoutMs: REQUEST_TIMEOUT_MS, signal };
    let answer: Uint8Array;
    try {
      answer = await this.#mux.request(peer, CERTIFICATES_TAG, this.#question(reading), options);
    } catch (error) {
      if (!signal.aborted) rejections.error(error, peer);
      return undefined;
    }
    try {
      return await this.#judge(peer, reading, decode(FetchResponse, answer), signal);
    } catch (error) {
      if (!isFlkError(error) || error.code === "ERR_DOPPELGANGER") throw error;
      rejections.error(error, peer);
      reading.faults++;
      return undefined;
    }
  }

  /** Stops at the first that is wrong: each costs a verification. */
  async #judge(
    peer: number,
    reading: Reading,
    items: Uint8Array[],
    signal: AbortSignal,
  ): Promise<boolean | undefined> {
    for (const [at, item] of items.entries()) {
      if (signal.aborted) return undefined;
      const certificate = decode(Certificate, item);
      this.#advance(peer, reading, certificate);
      this.#inspect(certificate);
      if (at % SLICE === SLICE - 1) await delay(this.#deps.clock, 0, signal);
    }
    return items.length > 0;
  }

  #question({ after, seats }: Reading): Uint8Array {
    const { committee, epoch } = this.#deps;
    const bits = BitArray.fromBitLen(committee.size);
    for (const seat of seats) bits.set(seat, true);
    return FetchRequest.serialize({ epoch, after, have: [bits] });
  }

  /** @throws ERR_CERTIFICATE_ORDER when it does not bring us on */
  #advance(peer: number, reading: Reading, { header }: Certificate): void {
    const { round, author } = header.header;
    const seat = this.#deps.committee.indexOf(author);
    const isNew = round > reading.after + 1 || (round === reading.after + 1 && !reading.seats.has(seat));
    if (!isNew || seat < 0) throw narwhalError("ERR_CERTIFICATE_ORDER", "not what was asked for", { peer });
    if (round > reading.after + 1) {
      reading.after = round - 1;
      reading.seats.clear();
    }
    reading.seats.add(seat);
  }
}
