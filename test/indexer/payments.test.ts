import assert from "node:assert/strict";
import { test } from "node:test";
import { type Books, isUncertain, paymentsOf } from "#indexer/handlers/payments.ts";
import { ackStatus } from "#protocol/errors/codes.ts";
import type { Ack } from "#protocol/types/ack.ts";
import { CHANGE } from "#protocol/types/block.ts";

const [OK, SAME, BALANCE, LIMIT] = [
  "OK",
  "ACK_NO_CHANGE",
  "ACK_PARTIAL_BALANCE",
  "ACK_PARTIAL_LIMIT",
] as const;

/** At a price of one micro-USD per unit. */
function paid(
  acks: [
    units: number,
    status: typeof OK | typeof SAME | typeof BALANCE | typeof LIMIT,
    session?: number,
    lane?: number,
  ][],
  changes: [delta: number, balance: number][],
  limits: Record<number, number> = {},
): (number | undefined)[] {
  const all = acks.map(([units, , session = 1, own], i): Ack => {
    const lane = own ?? i;
    const key = { epoch: 0, account: new Uint8Array(20), session: new Uint8Array(32).fill(session), lane };
    const rest = { node: 1, service: 0, commodity: 0, count: 1, log: new Uint8Array(32) };
    return { ...key, ...rest, units: BigInt(units) };
  });
  const books: Books = {
    lane: (ack) => ({ id: String(ack.lane), revenue: 0n, price: 1_000_000_000n }),
    limitLeft: ({ session }) => {
      const left = limits[session[0] as number];
      return left === undefined ? undefined : BigInt(left);
    },
  };
  const receipt = {
    ackStatus: acks.map(([, status]) => ackStatus(status)),
    changes: changes.map(([delta, balance]) => ({
      account: new Uint8Array(20),
      reason: CHANGE.ackPayment,
      delta: BigInt(delta),
      balance: BigInt(balance),
    })),
  };
  const found = paymentsOf(all, receipt, books);
  assert.equal(isUncertain(receipt), found.size < acks.filter(([, status]) => status !== SAME).length);
  return all.map((ack) => {
    const amount = found.get(ack)?.amount;
    return amount === undefined ? undefined : Number(amount);
  });
}

test("payments go to the acknowledgements that were accepted, in their order", () => {
  assert.deepEqual(
    paid(
      [
        [10, OK],
        [7, SAME],
        [20, OK],
        [30, BALANCE],
      ],
      [
        [10, 25],
        [20, 5],
        [5, 0],
      ],
    ),
    [10, undefined, 20, 5],
  );
});

test("what found no money has no payment: balance that is gone, a limit that is reached", () => {
  const empty: [number, typeof OK | typeof BALANCE][] = [
    [10, OK],
    [30, BALANCE],
    [40, BALANCE],
  ];
  const changes: [number, number][] = [
    [10, 5],
    [5, 0],
  ];
  assert.deepEqual(paid(empty, changes), [10, 5, undefined]);
  const limited: [number, typeof LIMIT, number][] = [
    [50, LIMIT, 1],
    [60, LIMIT, 2],
  ];
  assert.deepEqual(paid(limited, [[7, 90]], { 1: 0, 2: 7 }), [undefined, 7]);
  assert.deepEqual(paid(limited, [[7, 90]], { 1: 7, 2: 0 }), [7, undefined]);
});

test("with money that only the chain knows of, exact costs decide, and else the first of what fits", () => {
  const some: [number, typeof LIMIT | typeof OK][] = [
    [50, LIMIT],
    [60, LIMIT],
    [70, OK],
  ];
  const changes: [number, number][] = [
    [55, 500],
    [70, 430],
  ];
  assert.deepEqual(paid(some, changes), [undefined, 55, 70]);
  assert.deepEqual(
    paid(some, [
      [40, 500],
      [70, 430],
    ]),
    [40, undefined, 70],
  );
});

test("a key whose limit is used up leaves the rest of the balance to another", () => {
  const acks: [number, typeof LIMIT | typeof BALANCE, number][] = [
    [50, LIMIT, 1],
    [60, BALANCE, 2],
  ];
  assert.deepEqual(paid(acks, [[5, 0]], { 1: 0, 2: 100 }), [undefined, 5]);
  // delegated keys, whose limits only the chain knows
  assert.deepEqual(paid(acks, [[5, 0]]), [undefined, 5]);
});

test("of two acknowledgements of a lane the second costs what the first left", () => {
  const acks: [number, typeof OK | typeof LIMIT, number, number][] = [
    [50, OK, 1, 0],
    [60, LIMIT, 2, 1],
    [70, OK, 1, 0],
    [80, LIMIT, 3, 2],
  ];
  const changes: [number, number][] = [
    [50, 900],
    [20, 880],
    [30, 850],
  ];
  assert.deepEqual(paid(acks, changes), [50, undefined, 20, 30]);
});
