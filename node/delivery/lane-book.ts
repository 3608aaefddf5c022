import type { ChainView } from "#node/interface/chain-view.ts";
import type { SignedAck } from "#protocol/types/ack.ts";
import { bytesKey } from "#protocol/types/bytes-key.ts";
import type { LaneState } from "./types.ts";

/** Newest acknowledgements of the lanes that can still be paid, by lane and by account. */
export class LaneBook {
  readonly #lanes = new Map<string, LaneState>();
  readonly #byAccount = new Map<string, Set<LaneState>>();

  get(idKey: string): LaneState | undefined {
    return this.#lanes.get(idKey);
  }

  all(): Iterable<LaneState> {
    return this.#lanes.values();
  }

  ofAccount(account: Uint8Array): LaneState[] {
    return [...(this.#byAccount.get(bytesKey(account)) ?? [])];
  }

  put(id: Uint8Array, signed: SignedAck, price: bigint): LaneState {
    const idKey = bytesKey(id);
    const known = this.#lanes.get(idKey);
    if (known) {
      known.signed = signed;
      known.price = price;
      return known;
    }
    const lane: LaneState = { id, idKey, signed, price };
    this.#lanes.set(idKey, lane);
    const account = bytesKey(signed.ack.account);
    const own = this.#byAccount.get(account) ?? new Set();
    own.add(lane);
    this.#byAccount.set(account, own);
    return lane;
  }

  delete(lane: LaneState): void {
    this.#lanes.delete(lane.idKey);
    const account = bytesKey(lane.signed.ack.account);
    const own = this.#byAccount.get(account);
    own?.delete(lane);
    if (own?.size === 0) this.#byAccount.delete(account);
  }

  /** Lanes that the chain no longer pays: of epochs before the previous one. */
  stale(chain: ChainView): LaneState[] {
    const oldest = chain.head().epoch - 1;
    return [...this.#lanes.values()].filter((lane) => lane.signed.ack.epoch < oldest);
  }
}
