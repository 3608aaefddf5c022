import type { Clock } from "#node/interface/clock.ts";
import type { Genesis, L2Poster, L2Reader } from "#node/interface/l2.ts";
import { FlkError } from "#protocol/errors/error.ts";
import type { L2Checkpoint } from "#protocol/types/consensus.ts";
import type { L2Event } from "#protocol/types/l2-events.ts";
import type { SettlementCertificate } from "#protocol/types/settlement.ts";
import { seedOf } from "#test/node/transition/support/keys.ts";

const BLOCK_MS = 1_000;

/** One L2 for all nodes: a block per second since the genesis checkpoint, events by block, settlements in order. */
export class FakeL2 {
  readonly events = new Map<number, L2Event[]>();
  readonly settlements: { certificate: SettlementCertificate; by: number; at: number }[] = [];
  /** in the order of the settlements */
  readonly activations: { by: number; at: number }[] = [];
  /** ms between posting and activation */
  activationDelay = 3_000;
  down = false;
  readonly clock: Clock;
  readonly genesis: Genesis;

  constructor(clock: Clock, genesis: Genesis, genesisEvents: L2Event[]) {
    this.clock = clock;
    this.genesis = genesis;
    this.events.set(genesis.checkpoint.number, genesisEvents);
  }

  height(): number {
    return (
      this.genesis.checkpoint.number +
      Math.max(0, Math.floor((this.clock.elapsed() - this.genesis.startTime) / BLOCK_MS))
    );
  }

  /** Puts events into a block that comes after `inMs`. */
  emit(events: L2Event[], inMs = BLOCK_MS): number {
    const number = this.height() + Math.ceil(inMs / BLOCK_MS);
    this.events.set(number, [...(this.events.get(number) ?? []), ...events]);
    return number;
  }

  poster(by: number): L2Poster {
    const assertUp = () => {
      if (this.down) throw new FlkError("ERR_L2_UNREACHABLE", "no answer");
    };
    return {
      lastSettledEpoch: async () => {
        assertUp();
        return this.settlements.length - 1;
      },
      settle: async (certificate) => {
        assertUp();
        const { epoch } = certificate.settlement;
        if (epoch < this.settlements.length) return undefined;
        if (epoch > this.settlements.length) throw new FlkError("ERR_L2_REVERT", "not the next epoch");
        this.settlements.push({ certificate, by, at: this.clock.elapsed() });
        return { txHash: `0x${epoch}`, gasUsed: 300_000n };
      },
      activate: async (settlementOf) => {
        for (;;) {
          assertUp();
          const epoch = this.activations.length;
          const next = this.settlements[epoch];
          if (!next) return undefined;
          const wait = next.at + this.activationDelay - this.clock.elapsed();
          if (wait > 0) return wait;
          const known = await settlementOf(epoch);
          if (known && known.epoch !== epoch) throw new FlkError("ERR_L2_REVERT", "another settlement");
          if (epoch === this.activations.length) this.activations.push({ by, at: this.clock.elapsed() });
        }
      },
    };
  }
}

/** One node's reader. */
export class FakeReader implements L2Reader {
  /** L2 block at which it got stuck */
  stuckAt: number | undefined;
  forkAt: number | undefined;
  #l2: FakeL2;

  constructor(l2: FakeL2) {
    this.#l2 = l2;
  }

  async genesis(): Promise<Genesis> {
    return this.#l2.genesis;
  }

  finalized(): L2Checkpoint {
    return checkpoint(Math.min(this.#l2.height(), this.stuckAt ?? Number.MAX_SAFE_INTEGER));
  }

  checkpoints(after: number, stride: number, limit: number): L2Checkpoint[] {
    const out: L2Checkpoint[] = [];
    const last = this.finalized().number;
    for (let n = (Math.floor(after / stride) + 1) * stride; n <= last && out.length < limit; n += stride) {
      out.push(checkpoint(n));
    }
    return out;
  }

  async events(after: number, upTo: L2Checkpoint, signal?: AbortSignal): Promise<L2Event[]> {
    while (this.finalized().number < upTo.number) {
      await new Promise<void>((resolve, reject) => {
        const abort = () => reject(new FlkError("ERR_ABORTED", "stopped"));
        if (signal?.aborted) abort();
        signal?.addEventListener("abort", abort, { once: true });
        this.#l2.clock.after(200, () => {
          signal?.removeEventListener("abort", abort);
          resolve();
        });
      });
    }
    if (this.forkAt !== undefined && upTo.number >= this.forkAt)
      throw new FlkError("ERR_L2_FORK", "another hash");
    const events: L2Event[] = [];
    for (let n = after + 1; n <= upTo.number; n++) events.push(...(this.#l2.events.get(n) ?? []));
    return events;
  }
}

function checkpoint(number: number): L2Checkpoint {
  return { number, hash: seedOf(`l2 ${number}`) };
}
