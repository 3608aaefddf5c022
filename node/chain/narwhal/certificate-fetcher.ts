import { BitArray } from "@chainsafe/ssz";
import type { Primary } from "#node/consensus/primary.ts";
import { errorCode } from "#protocol/errors/error.ts";
import { decode } from "#protocol/types/codec.ts";
import { Certificate } from "#protocol/types/consensus.ts";
import type { ChannelMux } from "../channel-mux.ts";
import { CERTIFICATES_TAG, FetchRequest, FetchResponse, MAX_ROUNDS } from "./certificate-server.ts";
import { delay, type EpochDeps, othersFrom } from "./deps.ts";
import type { Tasks } from "./tasks.ts";

const REQUEST_TIMEOUT_MS = 3000;
const RETRY_MS = 250;
/** ms after which another member is asked, too: no member's answers make it longer, or one could keep all others from being asked */
const PATIENCE_MS = 500;
/** certificates checked before other work gets its turn */
const SLICE = 16;

/** NAR-FETCH: gets the certificates that are missing here, lowest rounds first, from one member after the other. */
export class CertificateFetcher {
  #deps: EpochDeps;
  #mux: ChannelMux;
  #tasks: Tasks;
  #primary: Primary;
  #deliver: (from: number, certificate: Certificate) => void | Promise<void>;
  #hint: number | undefined;
  #wanted = false;
  #running = false;
  #turn = 0;
  /** have not answered yet */
  #pending = new Set<number>();
  /**
   * Gave no answer that can be read, or not in time, when asked last. What comes later, or from others, takes nobody out of it: a wait for each
   * silent member in every round would end all progress, and one for each answer of a slow one nearly so.
   */
  #silent = new Set<number>();
  /** had nothing though something was missing; until something new comes, which may be what they lead to */
  #empty = new Set<number>();

  constructor(
    deps: EpochDeps,
    mux: ChannelMux,
    tasks: Tasks,
    primary: Primary,
    deliver: (from: number, certificate: Certificate) => void | Promise<void>,
  ) {
    this.#deps = deps;
    this.#mux = mux;
    this.#tasks = tasks;
    this.#primary = primary;
    this.#deliver = deliver;
  }

  /** `from` has certificates that we miss, when it is named. */
  want(from: number | undefined): void {
    this.#hint = from ?? this.#hint;
    this.#wanted = true;
    if (this.#running || this.#deps.signal.aborted) return;
    this.#running = true;
    this.#tasks.run(async () => {
      try {
        await this.#run();
      } finally {
        this.#running = false;
      }
    });
  }

  async #run(): Promise<void> {
    const { signal, clock } = this.#deps;
    // what was already on its way when the need arose comes first
    await delay(clock, 20, signal);
    let failures = 0;
    while (!signal.aborted && (this.#wanted || this.#primary.suspended > 0)) {
      this.#wanted = false;
      const peer = this.#nextPeer();
      const count = peer === undefined ? undefined : await this.#inTime(peer);
      if (count !== undefined && count > 0) {
        failures = 0;
        continue;
      }
      failures++;
      if (peer !== undefined && count === undefined) this.#silent.add(peer);
      // that it has nothing more says nothing when nothing more is known to be missing
      else if (peer !== undefined && this.#primary.lacksParents) this.#empty.add(peer);
      if (failures >= this.#deps.committee.size && this.#primary.suspended === 0) return;
      if (this.#primary.suspended > 0 || this.#wanted) await delay(clock, RETRY_MS, signal);
    }
  }

  /** One that was not passed over; when all were, anybody who has answered what it was asked; undefined when nobody has. */
  #nextPeer(): number | undefined {
    const hint = this.#hint;
    this.#hint = undefined;
    const others = othersFrom(this.#deps, undefined);
    const isPassed = (peer: number) => this.#silent.has(peer) || this.#empty.has(peer);
    if (others.every(isPassed)) {
      this.#silent.clear();
      this.#empty.clear();
    }
    const able = others.filter((peer) => !isPassed(peer) && !this.#pending.has(peer));
    if (hint !== undefined && able.includes(hint)) return hint;
    return able[this.#turn++ % able.length];
  }

  /** As `#ask`; undefined, too, when the answer is not in time: it counts whenever it comes. */
  async #inTime(peer: number): Promise<number | undefined> {
    const { signal, clock } = this.#deps;
    let count: number | undefined;
    const answered = this.#ask(peer).then((given) => {
      count = given;
    });
    this.#tasks.run(() => answered);
    await Promise.race([answered, delay(clock, PATIENCE_MS, signal)]);
    // what is here is taken in before anybody else is asked
    if (!this.#pending.has(peer)) await answered;
    return count;
  }

  /** Number of certificates that were new here; undefined for no answer, or none that can be read. */
  async #ask(peer: number): Promise<number | undefined> {
    const { signal, rejections } = this.#deps;
    this.#pending.add(peer);
    let items: Uint8Array[];
    try {
      const options = { timeoutMs: REQUEST_TIMEOUT_MS, signal };
      const answer = await this.#mux.request(peer, CERTIFICATES_TAG, this.#question(), options);
      items = decode(FetchResponse, answer);
    } catch (error) {
      if (!signal.aborted) rejections.error(error, peer);
      return undefined;
    } finally {
      this.#pending.delete(peer);
    }
    const count = await this.#take(peer, items);
    if (count > 0) {
      this.#empty.clear();
      this.want(undefined);
    }
    return count;
  }

  async #take(peer: number, items: readonly Uint8Array[]): Promise<number> {
    const { signal, rejections, clock } = this.#deps;
    let count = 0;
    for (const [at, item] of items.entries()) {
      if (signal.aborted) return count;
      const before = this.#known();
      try {
        const room = this.#deliver(peer, decode(Certificate, item));
        count += this.#known() - before;
        await room;
      } catch (error) {
        rejections.error(error, peer);
        // rounds that were collected meanwhile prove nothing against the peer
        if (errorCode(error) !== "ERR_CERTIFICATE_TOO_OLD") break;
      }
      if (at % SLICE === SLICE - 1) await delay(clock, 0, signal);
    }
    return count;
  }

  /** Certificates that came so far. */
  #known(): number {
    return this.#primary.acceptedCount + this.#primary.suspended;
  }

  #question(): Uint8Array {
    const { committee, epoch } = this.#deps;
    const { dag } = this.#primary;
    const waiting = this.#primary.waiting();
    const after = dag.gcRound;
    const top = Math.min(
      after + MAX_ROUNDS,
      Math.max(dag.highestRound, ...waiting.map(({ round }) => round)),
    );
    const have: BitArray[] = [];
    for (let round = after + 1; round <= top; round++) {
      const bits = BitArray.fromBitLen(committee.size);
      for (const { author } of dag.round(round)) bits.set(committee.indexOf(author), true);
      have.push(bits);
    }
    for (const vertex of waiting) have[vertex.round - after - 1]?.set(committee.indexOf(vertex.author), true);
    return FetchRequest.serialize({ epoch, after, have });
  }
}
