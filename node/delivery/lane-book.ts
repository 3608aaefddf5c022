import type { ChainView } from "#node/interface/chain-view.ts";
import type { Ack, SignedDelegation } from "#protocol/types/ack.ts";
import { bytesKey } from "#protocol/types/bytes-key.ts";
import type { LaneState } from "./types.ts";

/** Newest acknowledgements of the lanes that can still be paid, by lane, by account and by session key. */
export class LaneBook {
  readonly #lanes = new Map<string, LaneState>();
  readonly #byAccount = new Map<string, Set<LaneState>>();
  readonly #byKey = new Map<string, Set<LaneState>>();
  /** of delegated keys, by the session key that pays and epoch */
  readonly #delegated = new Map<string, Set<LaneState>>();

  get(idKey: string): LaneState | undefined {
    return this.#lanes.get(idKey);
  }

  all(): Iterable<LaneState> {
    return this.#lanes.values();
  }

  /** Those that the session key acknowledges in. */
  ofKey(account: Uint8Array, key: Uint8Array): LaneState[] {
    return [...(this.#byKey.get(bytesKey(account) + bytesKey(key)) ?? [])];
  }

  ofAccount(account: Uint8Array): LaneState[] {
    return [...(this.#byAccount.get(bytesKey(account)) ?? [])];
  }

  /** Lanes of the epoch that the session key of the delegation pays for, of all keys it delegated to. */
  delegated(delegation: SignedDelegation, epoch: number): number {
    return this.#delegated.get(payerKey(delegation, epoch))?.size ?? 0;
  }

  /** The delegation that the key's lanes of the epoch are paid by when `offered` comes too: the one with the highest limit. */
  strongest(
    of: Pick<Ack, "account" | "session" | "epoch">,
    offered?: SignedDelegation,
  ): SignedDelegation | undefined {
    let best = offered;
    for (const { signed, delegation } of this.ofKey(of.account, of.session)) {
      if (!delegation || signed.ack.epoch !== of.epoch) continue;
      if (!best || delegation.delegation.limit >= best.delegation.limit) best = delegation;
    }
    return best;
  }

  /** All lanes of a delegated key in one epoch share one delegation: the chain holds the sum of them to its limit. */
  put(id: Uint8Array, { signed, price, delegation: offered }: Omit<LaneState, "id" | "idKey">): LaneState {
    const idKey = bytesKey(id);
    const { account, session, epoch } = signed.ack;
    const delegation = this.strongest(signed.ack, offered);
    for (const other of this.ofKey(account, session)) {
      if (delegation && other.delegation && other.signed.ack.epoch === epoch) other.delegation = delegation;
    }
    const known = this.#lanes.get(idKey);
    if (known) {
      known.signed = signed;
      known.price = price;
      if (delegation) known.delegation = delegation;
      return known;
    }
    const lane: LaneState = { id, idKey, signed, price, ...(delegation && { delegation }) };
    this.#lanes.set(idKey, lane);
    if (delegation) addTo(this.#delegated, payerKey(delegation, epoch), lane);
    addTo(this.#byAccount, bytesKey(account), lane);
    addTo(this.#byKey, bytesKey(account) + bytesKey(session), lane);
    return lane;
  }

  delete(lane: LaneState): void {
    this.#lanes.delete(lane.idKey);
    const { account, session, epoch } = lane.signed.ack;
    if (lane.delegation) removeFrom(this.#delegated, payerKey(lane.delegation, epoch), lane);
    removeFrom(this.#byAccount, bytesKey(account), lane);
    removeFrom(this.#byKey, bytesKey(account) + bytesKey(session), lane);
  }

  /** Lanes that the chain no longer pays: of epochs before the previous one. */
  stale(chain: ChainView): LaneState[] {
    const oldest = chain.head().epoch - 1;
    return [...this.#lanes.values()].filter((lane) => lane.signed.ack.epoch < oldest);
  }
}

function payerKey({ delegation: { account, session } }: SignedDelegation, epoch: number): string {
  return `${bytesKey(account)}${bytesKey(session)}${epoch}`;
}

function addTo(index: Map<string, Set<LaneState>>, id: string, lane: LaneState): void {
  const own = index.get(id) ?? new Set();
  own.add(lane);
  index.set(id, own);
}

function removeFrom(index: Map<string, Set<LaneState>>, id: string, lane: LaneState): void {
  const own = index.get(id);
  own?.delete(lane);
  if (own?.size === 0) index.delete(id);
}
