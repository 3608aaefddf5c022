import fc, { type AsyncCommand } from "fast-check";
import type { Hex } from "#protocol/types/hex.ts";
import type { Books } from "./books.ts";
import type { Refusal } from "./ledger.ts";
import type { Network } from "./network.ts";
import type { Call } from "./views.ts";

export type Action = AsyncCommand<Books, Network>;

export interface Parts {
  /** that the ledger changes by; returns what the call is refused with */
  books: (books: Books, network: Network) => Refusal;
  /** made before the books change */
  call: (books: Books, network: Network) => { from: Hex; call: Call };
  /** when the action makes sense at all; refusals are part of what is compared */
  when?: (books: Books) => boolean;
  /** Unix seconds that the action waits for, when later than now */
  waits?: (books: Books) => number;
}

/** One call, a second after the one before. */
export function action(name: string, parts: Parts): Action {
  return {
    check: (books) => parts.when?.(books) ?? true,
    async run(books, network) {
      const { bridge } = books;
      bridge.now = Math.max(bridge.now + 1, parts.waits?.(books) ?? 0);
      const { from, call } = parts.call(books, network);
      const refusal = parts.books(books, network);
      await network.expect(bridge, from, call, refusal);
      // a refused call is not sent: nothing can have changed
      if (refusal === undefined) await network.compare(books);
    },
    toString: () => name,
  };
}

/** Where it is bound to be refused, one time in eight. */
export function mostly(actions: fc.Arbitrary<Action>, when: (books: Books) => boolean): fc.Arbitrary<Action> {
  return fc.tuple(actions, fc.nat({ max: 7 })).map(([inner, dice]) => ({
    check: (books) => inner.check(books) && (dice === 0 || when(books)),
    run: (books, network) => inner.run(books, network),
    toString: () => String(inner),
  }));
}

const PARTS = 100n;
/** Of a hundred. */
export const part: fc.Arbitrary<number> = fc.nat({ max: Number(PARTS) });
export const share = (whole: bigint, parts: number): bigint => (whole * BigInt(parts)) / PARTS;
