import type { ConflictQuery } from "#node/interface/evidence.ts";
import type { Store, Write } from "#node/interface/store.ts";
import { laneId, laneKeyOf } from "#protocol/digests/ids.ts";
import { AckConflict } from "#protocol/types/ack.ts";
import { bytesKey } from "#protocol/types/bytes-key.ts";
import { decode } from "#protocol/types/codec.ts";
import { CONFLICT_RANGE, conflictKey } from "./lane-records.ts";
import { KeyedMutex } from "./mutex.ts";

export interface ConflictLimits {
  /** lanes whose evidence is kept; beyond them one of the account gives way that has the most */
  total: number;
  /** of one account: its own session keys push out nobody else's */
  perAccount: number;
}
const LIMITS: ConflictLimits = { total: 1_024, perAccount: 16 };

interface Kept {
  key: Uint8Array;
  account: string;
}

/** Evidence of two acknowledgements with one count: the first pair of each lane, on disk before the second one is refused. Rule D14. */
export class Conflicts {
  readonly #store: Store;
  readonly #limits: ConflictLimits;
  /** what is on disk, by `bytesKey` of its key */
  readonly #kept = new Map<string, Kept>();
  readonly #writing = new KeyedMutex();

  constructor(store: Store, limits = LIMITS) {
    this.#store = store;
    this.#limits = limits;
  }

  async load(): Promise<void> {
    for await (const [key, value] of this.#store.iterate("delivery", CONFLICT_RANGE)) {
      const { account } = decode(AckConflict, value).first.ack;
      this.#kept.set(bytesKey(key), { key, account: bytesKey(account) });
    }
  }

  /** Durable when resolved, unless all that is kept of the account is newer. */
  keep(conflict: AckConflict): Promise<void> {
    return this.#writing.run("", () => this.#keep(conflict));
  }

  async #keep(conflict: AckConflict): Promise<void> {
    const { ack } = conflict.first;
    const added: Kept = {
      key: conflictKey(ack.epoch, laneId(laneKeyOf(ack))),
      account: bytesKey(ack.account),
    };
    if (this.#kept.has(bytesKey(added.key))) return;
    const dropped = this.#surplus(added);
    if (dropped === added) return;
    const value = AckConflict.serialize(conflict);
    const writes: Write[] = [{ namespace: "delivery", key: added.key, value }];
    if (dropped) writes.push({ namespace: "delivery", key: dropped.key, value: null });
    await this.#store.write(writes);
    this.#kept.set(bytesKey(added.key), added);
    if (dropped) this.#kept.delete(bytesKey(dropped.key));
  }

  /** What has to go for `added`, perhaps itself: of its own account, or of the one that has the most; the oldest epoch's. */
  #surplus(added: Kept): Kept | undefined {
    const held = [...this.#kept.values(), added].sort((a, b) => Buffer.compare(a.key, b.key));
    const counts = new Map<string, number>();
    for (const { account } of held) counts.set(account, (counts.get(account) ?? 0) + 1);
    if ((counts.get(added.account) ?? 0) > this.#limits.perAccount)
      return held.find(({ account }) => account === added.account);
    if (held.length <= this.#limits.total) return undefined;
    const most = Math.max(...counts.values());
    return held.find(({ account }) => counts.get(account) === most);
  }

  /** Ascending by epoch and lane id. */
  async list({
    account,
    from = 0,
    after,
    limit = this.#limits.total,
  }: ConflictQuery = {}): Promise<AckConflict[]> {
    const start = conflictKey(from, after ?? new Uint8Array(0));
    const whose = account && bytesKey(account);
    const keys = [...this.#kept.values()]
      .filter((kept) => whose === undefined || kept.account === whose)
      .map(({ key }) => key)
      .filter((key) => Buffer.compare(key, start) > 0)
      .sort(Buffer.compare)
      .slice(0, limit);
    const values = await Promise.all(keys.map((key) => this.#store.get("delivery", key)));
    return values.flatMap((value) => (value ? [decode(AckConflict, value)] : []));
  }
}
