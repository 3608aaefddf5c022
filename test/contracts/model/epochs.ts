interface Resumption {
  resumeEpoch: number;
  /** how many were active */
  activeEpochs: number;
  /** which would have been posted next */
  nextEpoch: number;
}

/** Nodes sign in the epoch after the one that is posted next, and in none beyond. */
const AHEAD = 1;

/** Which epochs the chain went through: a restart opens one that follows the last active one, whatever its number. */
export class Epochs {
  readonly #resumptions: Resumption[] = [];

  /** Resumptions in order. */
  resume(resumption: Resumption): void {
    this.#resumptions.push(resumption);
  }

  /** How many the chain went through from `from` on until `to`: 0 where a restart took `from` away and nothing came since. */
  between(from: number, to: number): number {
    let passed = 0;
    for (let epoch = this.#before(to); epoch >= from; epoch = this.#before(epoch)) passed++;
    return passed;
  }

  age(epoch: number, next: number): number {
    return epoch >= next ? 0 : this.between(epoch, next);
  }

  /** The last that an honest node signed in, before the restart after `epoch`. */
  latest(epoch: number, next: number): number {
    const after = epoch < next && this.#resumptions.find(({ resumeEpoch }) => resumeEpoch > epoch);
    return (after ? after.nextEpoch : next) + AHEAD;
  }

  #before(epoch: number): number {
    const opened = this.#resumptions.find(({ resumeEpoch }) => resumeEpoch === epoch);
    return (opened?.activeEpochs ?? epoch) - 1;
  }
}
