import fc, { type AsyncCommand } from "fast-check";
import type { Hex } from "#protocol/types/hex.ts";
import type { Books } from "./books.ts";
import type { Refusal } from "./ledger.ts";
import type { Network } from "./network.ts";
import type { Call } from "./views.ts";

export type Action = AsyncCommand<Books, Network>;

/** A call, made of the books as they are, and how they change by it. */
export interface Deed {
  from: Hex;
  call: Call;
  /** returns what the call is refused with */
  books: () => Refusal;
}

interface Occasion {
  /** when the action makes sense at all; refusals are part of what is compared */
  when?: (books: Books) => boolean;
  /** Unix seconds that the action waits for, when later than now */
  waits?: (books: Books) => number;
}

/** One call, a second after the one before. */
export function action(
  name: string,
  deed: (books: Books, network: Network) => Deed,
  { when = () => true, waits = () => 0 }: Occasion = {},
): Action {
  return {
    check: when,
    async run(books, network) {
      const { bridge } = books;
      bridge.now = Math.max(bridge.now + 1, waits(books));
      const { from, call, books: change } = deed(books, network);
      const refusal = change();
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
