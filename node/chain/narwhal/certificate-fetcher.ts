import { BitArray, BitListType, ByteListType, ContainerType, ListCompositeType } from "@chainsafe/ssz";
import { consensusError } from "#node/consensus/errors.ts";
import type { Primary } from "#node/consensus/primary.ts";
import { certificateKey, readU64, TABLE, tableKey } from "#node/consensus/records.ts";
import { errorCode } from "#protocol/errors/error.ts";
import { MAX_COMMITTEE, MAX_MESSAGE_BYTES } from "#protocol/params/limits.ts";
import { decode } from "#protocol/types/codec.ts";
import { Certificate } from "#protocol/types/consensus.ts";
import { Counter64 } from "#protocol/types/primitives.ts";
import type { ChannelMux } from "../channel-mux.ts";
import { delay, type EpochDeps, othersFrom } from "./deps.ts";
import type { Tasks } from "./tasks.ts";

/** Request on the channel "sync", in the half that belongs to consensus. */
export const CERTIFICATES_TAG = 0x80;
const MAX_ROUNDS = 1000;
const MAX_CERTIFICATES = 2000;
const MAX_CERTIFICATE_BYTES = 131_072;
const REQUEST_TIMEOUT_MS = 3000;
const RETRY_MS = 250;
/** certificates checked before other work gets its turn */
const SLICE = 16;

/** `have[i]`: bit m is set when member m's certificate of round after + 1 + i is known. */
const FetchRequest = new ContainerType(
  {
    epoch: Counter64,
    after: Counter64,
    have: new ListCompositeType(new BitListType(MAX_COMMITTEE), MAX_ROUNDS),
  },
  { typeName: "CertificateRequest" },
);
/** ascending by (round, author) */
const FetchResponse = new ListCompositeType(new ByteListType(MAX_CERTIFICATE_BYTES), MAX_CERTIFICATES);

/** Gets the certificates that are missing here, lowest rounds first; one request at a time. */
export class CertificateFetcher {
  #deps: EpochDeps;
  #mux: ChannelMux;
  #tasks: Tasks;
  #primary: Primary;
  #deliver: (from: number, certificate: Certificate) => void;
  #hint: number | undefined;
  #wanted = false;
  #running = false;
  #turn = 0;

  constructor(
    deps: EpochDeps,
    mux: ChannelMux,
    tasks: Tasks,
    primary: Primary,
    deliver: (from: number, certificate: Certificate) => void,
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
      if (peer === undefined) return;
      const count = await this.#ask(peer);
      if (count > 0) {
        failures = 0;
        this.want(peer);
        continue;
      }
      failures++;
      if (failures >= this.#deps.committee.size && this.#primary.suspended === 0) return;
      if (this.#primary.suspended > 0 || this.#wanted) await delay(clock, RETRY_MS, signal);
    }
  }

  #nextPeer(): number | undefined {
    const hint = this.#hint;
    this.#hint = undefined;
    const others = othersFrom(this.#deps, undefined);
    if (hint !== undefined && others.includes(hint)) return hint;
    return others[this.#turn++ % others.length];
  }

  /** Number of certificates that were new here. */
  async #ask(peer: number): Promise<number> {
    const { signal, rejections, clock } = this.#deps;
    let items: Uint8Array[];
    try {
      const options = { timeoutMs: REQUEST_TIMEOUT_MS, signal };
      items = decode(
        FetchResponse,
        await this.#mux.request(peer, CERTIFICATES_TAG, this.#question(), options),
      );
    } catch (error) {
      if (!signal.aborted) rejections.error(error, peer);
      return 0;
    }
    const before = this.#known();
    for (const [at, item] of items.entries()) {
      if (signal.aborted) return 0;
      try {
        this.#deliver(peer, decode(Certificate, item));
      } catch (error) {
        rejections.error(error, peer);
        // rounds that were collected meanwhile prove nothing against the peer
        if (errorCode(error) !== "ERR_CERTIFICATE_TOO_OLD") break;
      }
      if (at % SLICE === SLICE - 1) await delay(clock, 0, signal);
    }
    return this.#known() - before;
  }

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

  /** Answers a member from the disk. @throws ERR_DECODE, ERR_EPOCH_FOREIGN, ERR_MESSAGE_SENDER */
  async serve(from: number, message: Uint8Array): Promise<Uint8Array> {
    const { committee, epoch, store } = this.#deps;
    const request = decode(FetchRequest, message);
    if (request.epoch !== epoch)
      throw consensusError("ERR_EPOCH_FOREIGN", "certificates of another epoch", { from });
    if (!committee.has(from))
      throw consensusError("ERR_MESSAGE_SENDER", "only members sync certificates", { from });
    const items: Uint8Array[] = [];
    let bytes = 0;
    const range = {
      gte: certificateKey(epoch, request.after + 1, 0),
      lt: tableKey(TABLE.certificate, epoch + 1),
    };
    for await (const [key, value] of store.iterate("consensus", range)) {
      const known = request.have[readU64(key, 9) - request.after - 1];
      const at = committee.indexOf(readU64(key, 17));
      if (known && at < known.bitLen && known.get(at)) continue;
      bytes += value.length + 4;
      if (bytes > MAX_MESSAGE_BYTES - 1024 || items.length >= MAX_CERTIFICATES) break;
      items.push(value.slice());
    }
    return FetchResponse.serialize(items);
  }
}
