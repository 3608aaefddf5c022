import type { ChainView } from "#node/interface/chain-view.ts";
import { bytesKey } from "#protocol/types/bytes-key.ts";
import { equalBytes } from "#protocol/types/codec.ts";
import type { Credit } from "./credit.ts";
import { deliveryError } from "./errors.ts";
import { coversEpoch, parentOf } from "./funds.ts";
import type { LaneRequest } from "./types.ts";

/** The credit of a key that is served a commodity here; `made` once what is on disk about it was read. */
export interface HeldCredit {
  /** newest one that opened it */
  request: LaneRequest;
  credit: Promise<Credit>;
  made?: Credit;
}

/** What the keys that are served here, or were, owe; by account, key and commodity. */
export class HeldCredits {
  readonly #held = new Map<string, HeldCredit>();
  readonly #make: (request: LaneRequest) => Promise<Credit>;

  constructor(make: (request: LaneRequest) => Promise<Credit>) {
    this.#make = make;
  }

  all(): Iterable<HeldCredit> {
    return this.#held.values();
  }

  requests(): LaneRequest[] {
    return [...this.#held.values()].map(({ request }) => request);
  }

  /**
   * The key's own, made when there is none.
   * @throws ERR_DELEGATION while another session key pays for it in `epoch`
   */
  async open(request: LaneRequest, epoch: number): Promise<Credit> {
    const id = `${bytesKey(request.account)}${bytesKey(request.key)}${request.commodity}`;
    const known = this.#held.get(id);
    if (known) {
      assertSameParent(known.request, request, epoch);
      known.request = request;
      return known.credit;
    }
    const entry: HeldCredit = { request, credit: this.#make(request) };
    this.#held.set(id, entry);
    try {
      entry.made = await entry.credit;
      return entry.made;
    } catch (error) {
      this.#held.delete(id);
      throw error;
    }
  }

  /**
   * Forgets what is idle, and settled or can be acknowledged no more, or of a delegated key and not used since `before` (of the clock's `elapsed`).
   * `uses`: whether a session has it open.
   */
  async drop(chain: ChainView, before: number, uses: (credit: Credit) => boolean): Promise<void> {
    const { epoch } = chain.head();
    for (const [id, { request, credit: pending }] of this.#held) {
      const credit = await pending;
      const session = chain.session(request.account, parentOf(request));
      const given = request.delegation?.delegation;
      const over = !session || session.expiryEpoch < epoch - 1 || (given && given.to < epoch - 1);
      const settled = credit.outstanding === 0 || over || (given && credit.usedAt < before);
      if (settled && credit.idle && !uses(credit)) this.#held.delete(id);
    }
  }
}

function assertSameParent(known: LaneRequest, request: LaneRequest, epoch: number): void {
  if (equalBytes(parentOf(known), parentOf(request))) return;
  if (known.delegation && !coversEpoch(known.delegation, epoch)) return;
  throw deliveryError("ERR_DELEGATION", "another session key pays for this key in this epoch");
}
