import assert from "node:assert/strict";
import { test } from "node:test";
import { ACK_CODES, type AckCode, ackStatus } from "#protocol/errors/codes.ts";
import { ackPayments } from "#protocol/types/ack-payments.ts";
import { CHANGE } from "#protocol/types/block.ts";

const accountOf = (name: number) => new Uint8Array(20).fill(name);

/** Acknowledgements by account and code, payments by account and amount. */
function paid(acks: [account: number, code: AckCode][], payments: [account: number, amount: number][]) {
  const found = ackPayments(
    acks.map(([account]) => ({ account: accountOf(account) })),
    {
      ackStatus: acks.map(([, code]) => ackStatus(code)),
      changes: payments.map(([account, amount]) => ({
        account: accountOf(account),
        reason: CHANGE.ackPayment,
        delta: BigInt(amount),
        balance: 0n,
      })),
    },
  );
  return found?.map((payment) => payment && Number(payment.delta));
}

test("what was paid whole and in part has a payment, in their order; nothing else has", () => {
  const refused = ACK_CODES.filter((code) => code.startsWith("ERR_")).map((code): [number, AckCode] => [
    1,
    code,
  ]);
  assert.ok(refused.length > 0);
  const acks: [number, AckCode][] = [
    [1, "OK"],
    [2, "ACK_UNPAID_LIMIT"],
    ...refused,
    [2, "ACK_PARTIAL_LIMIT"],
    [1, "ACK_NO_CHANGE"],
    [1, "ACK_UNPAID_BALANCE"],
    [1, "ACK_PARTIAL_BALANCE"],
  ];
  const none = refused.map(() => undefined);
  const payments: [number, number][] = [
    [1, 10],
    [2, 20],
    [1, 30],
  ];
  assert.deepEqual(paid(acks, payments), [10, undefined, ...none, 20, undefined, undefined, 30]);
});

test("payments that do not fit the codes are nobody's", () => {
  const acks: [number, AckCode][] = [
    [1, "OK"],
    [2, "ACK_PARTIAL_BALANCE"],
  ];
  assert.deepEqual(
    paid(acks, [
      [1, 5],
      [2, 6],
    ]),
    [5, 6],
  );
  const wrong: [number, number][][] = [
    [],
    [[1, 5]],
    [
      [2, 5],
      [1, 6],
    ],
    [
      [1, 5],
      [2, 6],
      [2, 7],
    ],
  ];
  for (const payments of wrong) assert.equal(paid(acks, payments), undefined);
  assert.equal(ackPayments([], { ackStatus: [ackStatus("ACK_NO_CHANGE")], changes: [] }), undefined);
  assert.equal(ackPayments([{ account: accountOf(1) }], { ackStatus: [], changes: [] }), undefined);
});
