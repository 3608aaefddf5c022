import fc from "fast-check";
import { accountOf } from "./keys.ts";

export const ACCOUNTS = ["a", "b", "c"].map(accountOf);

/** An acknowledgement of a lane, `age` epochs old, by the session key or one that it delegated to; logs of one count that differ are in conflict. */
export interface AckStep {
  account: number;
  page: boolean;
  lane: number;
  service: number;
  age: number;
  count: number;
  units: number;
  log: string;
}

export type Step =
  | { do: "deposit"; account: number; amount: number }
  | { do: "transfer" | "withdraw" | "ask"; account: number; amount: number }
  | { do: "payee"; node: number; account: number }
  | { do: "authorize" | "revoke"; account: number }
  | { do: "acks"; node: number; acks: AckStep[] }
  | { do: "reserve"; account: number; page: boolean; node: number; amount: number }
  | { do: "again" }
  | { do: "price"; service: number; price: number }
  | { do: "stake"; node: number; flk: number }
  | { do: "lock"; node: number; seconds: number }
  | { do: "restart" }
  | { do: "sell"; share: number }
  | { do: "close" };

const constant = <const T extends string>(value: T) => fc.constant(value);
const account = fc.nat(ACCOUNTS.length - 1);
const amount = fc.nat(4_000);
const node = fc.integer({ min: 1, max: 3 });
const service = fc.nat(1);
const page = fc.oneof(
  { weight: 2, arbitrary: fc.constant(false) },
  { weight: 1, arbitrary: fc.constant(true) },
);
const ack = fc.record({
  account,
  page,
  lane: fc.nat(1),
  service,
  age: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 3, arbitrary: fc.constantFrom(1, 2) }),
  count: fc.integer({ min: 1, max: 3 }),
  units: fc.nat(2_500_000),
  log: fc.constantFrom("log", "another log"),
});

const weighted = <T>(weight: number, arbitrary: fc.Arbitrary<T>) => ({ weight, arbitrary });
const step: fc.Arbitrary<Step> = fc.oneof(
  weighted(8, fc.record({ do: constant("acks"), node, acks: fc.array(ack, { minLength: 1, maxLength: 6 }) })),
  weighted(3, fc.record({ do: constant("reserve"), account, page, node, amount: fc.nat(2_000) })),
  weighted(2, fc.record({ do: constant("deposit"), account, amount })),
  weighted(
    1,
    fc.record({
      do: fc.constantFrom("transfer" as const, "withdraw" as const, "ask" as const),
      account,
      amount,
    }),
  ),
  weighted(1, fc.record({ do: constant("payee"), node, account })),
  weighted(1, fc.record({ do: fc.constantFrom("authorize" as const, "revoke" as const), account })),
  weighted(1, fc.record({ do: constant("again") })),
  weighted(1, fc.record({ do: constant("price"), service, price: fc.nat(3_000_000) })),
  weighted(1, fc.record({ do: constant("stake"), node, flk: fc.constantFrom(1_000, 999, 0) })),
  weighted(1, fc.record({ do: constant("lock"), node, seconds: fc.nat(70_000_000) })),
  weighted(1, fc.record({ do: constant("restart") })),
  weighted(2, fc.record({ do: constant("sell"), share: fc.constantFrom(0, 3_333, 10_000) })),
  weighted(3, fc.record({ do: constant("close") })),
);

export const history: fc.Arbitrary<Step[]> = fc.array(step, { minLength: 15, maxLength: 45 });
