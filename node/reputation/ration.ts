import { ROUNDS } from "./rounds.ts";

/** Samples that an observer gets in an epoch: it takes ROUNDS on average, and begins anew after a restart. */
const MAX_SAMPLES = 4 * ROUNDS;

/**
 * Who gets content by samples, and how often (REP-PROBE): the observers of this epoch, and those of the one before, who may
 * not have seen its end yet. Nobody else does: a sample costs its asker a few bytes and this node 16 KiB.
 */
export class Ration {
  #observers = new Map<number, number>();
  #before = new Map<number, number>();

  /** An epoch begins with these observers; what is left to those of the last one stays theirs until the next. */
  begin(observers: readonly number[]): void {
    this.#before = this.#observers;
    this.#observers = new Map(observers.map((node) => [node, MAX_SAMPLES]));
  }

  /** Whether `observer` gets one more. */
  take(observer: number): boolean {
    return takeOne(this.#observers, observer) || takeOne(this.#before, observer);
  }
}

function takeOne(left: Map<number, number>, observer: number): boolean {
  const samples = left.get(observer) ?? 0;
  if (samples > 0) left.set(observer, samples - 1);
  return samples > 0;
}
