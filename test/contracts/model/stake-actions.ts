import fc from "fast-check";
import type { Hex } from "#protocol/types/hex.ts";
import { type Action, part, share } from "./action.ts";
import type { Books } from "./books.ts";
import type { Network } from "./network.ts";
import { doer, nodeAction } from "./node-action.ts";
import { NOBODY } from "./registry-ledger.ts";

const amounts = fc.oneof({ arbitrary: part, weight: 12 }, fc.constantFrom(101));
/** 101 of a hundred: a wei too much. */
const amountOf = (whole: bigint, parts: number): bigint => (parts > 100 ? whole + 1n : share(whole, parts));

export const stakes: fc.Arbitrary<Action> = fc
  .record({ by: doer("owner", "operator"), parts: amounts })
  .map(({ by, parts }) =>
    nodeAction(`stake(${parts}%)`, by, ({ staking, bridge }, { id, from }) => {
      const amount = amountOf(staking.unstaked.get(from) ?? 0n, parts);
      const books = () => staking.stake(id, from, amount, bridge.now);
      return { functionName: "stake", args: [id, amount], books };
    }),
  );

const durations = fc.constantFrom(0, 5, 60, 600, 3_000, 7_000, 7_200, 7_201);
/** Seconds from now, or from when the present lock ends. */
const lengths = fc.oneof(
  durations.map((length) => ({ length, more: false })),
  fc.constantFrom(-1, 0, 1).map((length) => ({ length, more: true })),
);

export const locks: fc.Arbitrary<Action> = fc
  .record({ by: doer("owner", "owner", "operator"), lasts: lengths })
  .map(({ by, lasts: { length, more } }) =>
    nodeAction(
      `lock(${length} s${more ? " more" : ""})`,
      by,
      ({ staking, parameters, registry, bridge }, { id, from }) => {
        const terms = { now: bridge.now, max: Number(parameters.get("maxLock", bridge.nextEpoch)) };
        const left = registry.find(id) && more ? staking.get(id).lockedUntil - bridge.now : 0;
        const duration = Math.max(0, left + length);
        const books = () => staking.lock(id, from, duration, terms);
        return { functionName: "lock", args: [id, BigInt(duration)], books };
      },
      { among: ({ staking, bridge }, id) => !more || staking.get(id).lockedUntil > bridge.now },
    ),
  );

export const unstakes: fc.Arbitrary<Action> = fc
  .record({ by: doer("owner", "owner", "operator"), parts: amounts, early: fc.boolean() })
  .map(({ by, parts, early }) =>
    nodeAction(
      `requestUnstake(${parts}%${early ? "" : " when unlocked"})`,
      by,
      ({ staking, parameters, bridge, registry }, { id, from }) => {
        const amount = amountOf(registry.find(id) ? staking.get(id).staked : 0n, parts);
        const terms = { now: bridge.now, thaw: Number(parameters.get("thawPeriod", bridge.nextEpoch)) };
        const books = () => staking.requestUnstake(id, from, amount, terms);
        return { functionName: "requestUnstake", args: [id, amount], books };
      },
      {
        among: ({ staking }, id) => staking.get(id).staked > 0n,
        waits: ({ staking, registry }, id) => (early || !registry.find(id) ? 0 : staking.get(id).lockedUntil),
      },
    ),
  );

const thaws = ({ staking }: Books, id: number): boolean => staking.get(id).requests.length > 0;

const NONE = 9;
const indices = fc.nat({ max: NONE });
/** One that thaws, or the number that is next. */
function requestOf({ staking, registry }: Books, id: number, index: number): number {
  if (!registry.find(id)) return 0;
  const { requests, nextId } = staking.get(id);
  return (index === NONE ? undefined : requests[index % requests.length]?.id) ?? nextId;
}

/** `wait` seconds after. */
function matures(books: Books, id: number, index: number, wait: number | undefined): number {
  if (wait === undefined || !books.registry.find(id)) return 0;
  return (books.staking.request(id, requestOf(books, id, index))?.maturesAt ?? 0) + wait;
}

export const cancels: fc.Arbitrary<Action> = fc
  .record({ by: doer("owner", "owner", "operator"), index: indices })
  .map(({ by, index }) =>
    nodeAction(
      `cancelUnstake(${index})`,
      by,
      (all, { id, from }) => {
        const request = requestOf(all, id, index);
        const books = () => all.staking.cancelUnstake(id, from, request);
        return { functionName: "cancelUnstake", args: [id, BigInt(request)], books };
      },
      { among: thaws },
    ),
  );

const recipients = fc.constantFrom("outsider", "outsider", "outsider", "owner", "nobody");

function recipient({ registry }: Books, { outsider }: Network, id: number, to: string): Hex {
  if (to === "nobody") return NOBODY;
  return (to === "owner" ? registry.find(id)?.owner : undefined) ?? outsider;
}

/** `wait`: seconds after it matures; undefined: at once. */
const leaving = fc.record({
  by: doer("owner", "owner", "operator"),
  index: indices,
  to: recipients,
  wait: fc.constantFrom(-1, 0, undefined),
});

export const withdrawals: fc.Arbitrary<Action> = leaving.map(({ by, index, to, wait }) =>
  nodeAction(
    `withdraw(${index} to ${to}, ${wait} s)`,
    by,
    (all, { id, from }, network) => {
      const [request, goes] = [requestOf(all, id, index), recipient(all, network, id, to)];
      const books = () => all.staking.withdraw(id, from, request, goes, all.bridge.now);
      return { functionName: "withdraw", args: [id, BigInt(request), goes], books };
    },
    {
      among: thaws,
      waits: (all, id) => matures(all, id, index, wait),
    },
  ),
);

export const allWithdrawals: fc.Arbitrary<Action> = leaving.map(({ by, index, to, wait }) =>
  nodeAction(
    `withdrawMatured(to ${to}, ${wait} s after ${index})`,
    by,
    (all, { id, from }, network) => {
      const goes = recipient(all, network, id, to);
      const books = () => all.staking.withdrawMatured(id, from, goes, all.bridge.now);
      return { functionName: "withdrawMatured", args: [id, goes], books };
    },
    { among: thaws, waits: (all, id) => matures(all, id, index, wait) },
  ),
);
