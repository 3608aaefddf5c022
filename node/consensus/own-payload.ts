import {
  MAX_HEADER_ATTESTATIONS,
  MAX_HEADER_BATCHES,
  MAX_HEADER_CHECKPOINTS,
} from "#protocol/params/limits.ts";
import { bytesKey } from "#protocol/types/bytes-key.ts";
import type { BatchRef, Header, L2Checkpoint, SignedAttestation } from "#protocol/types/consensus.ts";
import type { SubDag } from "./bullshark.ts";
import { compareRefs } from "./header.ts";

/** Rounds after which the payload of an own header that was not ordered goes into a new one. */
export const REQUEUE_AFTER = 6;

/** What fills own headers, asked when one is made. */
export interface HeaderSources {
  /** every multiple of the stride that this node has not reported yet, ascending */
  nextCheckpoints(reportedUpTo: number): L2Checkpoint[];
  takeAttestations(): SignedAttestation[];
}

export function refKey(ref: BatchRef): string {
  return `${ref.worker}:${bytesKey(ref.digest)}`;
}

interface Carried {
  payload: BatchRef[];
  attestations: SignedAttestation[];
  checkpoints: L2Checkpoint[];
}

/**
 * NAR-REQUEUE: own batches, attestations and checkpoints on their way into the order. Bullshark drops an author's older certificate
 * once a newer one is ordered, so what a dropped header carried goes into the next one.
 */
export class OwnPayload {
  #self: number;
  #sources: HeaderSources;
  #waiting = new Map<string, BatchRef>();
  #carried = new Map<number, Carried>();
  #closed = false;
  #attestations: SignedAttestation[] = [];
  #reported: number;
  #committedReport: number;

  constructor(self: number, sources: HeaderSources, reported: number) {
    this.#self = self;
    this.#sources = sources;
    this.#reported = reported;
    this.#committedReport = reported;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** highest L2 checkpoint that an own ordered header reported */
  get reported(): number {
    return this.#committedReport;
  }

  add(ref: BatchRef): void {
    const key = refKey(ref);
    for (const { payload } of this.#carried.values())
      if (payload.some((known) => refKey(known) === key)) return;
    this.#waiting.set(key, ref);
  }

  /** EPO-AFTER: nothing is carried any more. */
  close(): void {
    this.#closed = true;
  }

  /** Takes what fits into the header of `round`. */
  take(round: number): Carried {
    if (this.#closed) return { payload: [], attestations: [], checkpoints: [] };
    const payload = [...this.#waiting.values()].slice(0, MAX_HEADER_BATCHES);
    for (const ref of payload) this.#waiting.delete(refKey(ref));
    this.#attestations.push(...this.#sources.takeAttestations());
    const attestations = this.#attestations.splice(0, MAX_HEADER_ATTESTATIONS);
    const checkpoints = this.#sources.nextCheckpoints(this.#reported).slice(0, MAX_HEADER_CHECKPOINTS);
    this.#reported = checkpoints.at(-1)?.number ?? this.#reported;
    const carried = { payload: payload.sort(compareRefs), attestations, checkpoints };
    this.#carried.set(round, carried);
    return carried;
  }

  /** An own header that was made before a restart and is not ordered. */
  recover(header: Header): void {
    const { round, payload, attestations, checkpoints } = header;
    for (const ref of payload) this.#waiting.delete(refKey(ref));
    this.#carried.set(round, { payload, attestations, checkpoints });
    this.#reported = Math.max(this.#reported, checkpoints.at(-1)?.number ?? 0);
  }

  /** Drops what the sub-DAG ordered and takes back what it left behind for good. */
  committed(subDag: SubDag): void {
    for (const vertex of subDag.vertices) {
      const { header } = vertex.certificate.header;
      for (const ref of header.payload) this.#waiting.delete(refKey(ref));
      if (vertex.author !== this.#self) continue;
      this.#carried.delete(vertex.round);
      this.#committedReport = Math.max(this.#committedReport, header.checkpoints.at(-1)?.number ?? 0);
    }
    const passed = subDag.cursor.lastCommitted.get(this.#self) ?? 0;
    for (const [round, carried] of [...this.#carried].sort((a, b) => a[0] - b[0])) {
      if (round > passed && round + REQUEUE_AFTER >= subDag.anchor.round) continue;
      this.#carried.delete(round);
      this.#takeBack(carried);
    }
  }

  #takeBack({ payload, attestations, checkpoints }: Carried): void {
    for (const ref of payload) this.#waiting.set(refKey(ref), ref);
    this.#attestations.push(...attestations);
    if (checkpoints.length > 0) this.#reported = this.#committedReport;
  }
}
