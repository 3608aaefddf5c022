import fc from "fast-check";
import { PARAMETER_KEYS } from "#protocol/params/keys.ts";
import { TX } from "#protocol/types/transactions.ts";
import { accountOf, nodeKeys } from "./keys.ts";
import { buyback, FLK } from "./world.ts";

export const ACCOUNTS = ["a", "b", "c", "never funded"].map(accountOf);
/** nodes 1–6 are in the genesis; the others come by events */
export const KEYS = [1, 2, 3, 4, 5, 6, 7, 8].map(nodeKeys);
const SERVICES = [0, 1, 65_535, 2 ** 32 - 1];
const U32 = 2 ** 32 - 1;
export const SAFE = Number.MAX_SAFE_INTEGER;
export const DAY_MS = 86_400_000;

const pick = <const T>(...values: T[]) => fc.constantFrom(...values);
const u64 = fc.oneof(
  pick(0n, 1n, 9_999n, 10_000n, 10n ** 9n, 1n << 63n, (1n << 64n) - 1n),
  fc.bigInt({ min: 0n, max: 3_000_000n }),
);
const u256 = fc.oneof(u64, pick(1n << 64n, (1n << 128n) - 1n, (1n << 256n) - 1n));
const u16 = fc.oneof(pick(0, 65_535), fc.nat(5));
const u32 = fc.oneof(pick(0, 1, U32), fc.nat(5));
const account = fc.nat(ACCOUNTS.length - 1);
/** what a nonce or an epoch is off by */
const off = fc.oneof({ weight: 8, arbitrary: pick(0) }, { weight: 1, arbitrary: pick(-1, 1, 63, 64, SAFE) });
const key = fc.nat(KEYS.length - 1);
const service = fc.oneof({ weight: 4, arbitrary: pick(0) }, { weight: 1, arbitrary: pick(...SERVICES) });

const event = fc.oneof(
  fc.record({ type: pick("deposit"), account, total: u256 }),
  fc.record({ type: pick("nodeRegistered"), key, keyVersion: u32, consensus: key }),
  fc.record({
    type: pick("endpointsSet"),
    key,
    endpoints: pick("", "/ip4/1.2.3.4", "é".repeat(400)),
  }),
  fc.record({
    type: pick("stakeChanged"),
    key,
    staked: fc.oneof(
      { weight: 3, arbitrary: pick(1000n * FLK) },
      { weight: 1, arbitrary: pick(0n, 1000n * FLK - 1n, (1n << 128n) - 1n) },
    ),
  }),
  fc.record({ type: pick("keyRotated"), key, keyVersion: u32, consensus: key }),
  fc.record({ type: pick("networkKeyRotated"), key, network: key }),
  fc.record({ type: pick("participationSet"), key, optedIn: fc.boolean() }),
  fc.record({ type: pick("payeeSet"), key, account }),
  fc.record({ type: pick("stakeLocked"), key, lockedUntil: u64 }),
  fc.record({ type: pick("withdrawRequested"), account, amount: u256 }),
  fc.record({
    type: pick("lotClosed"),
    auction: pick(buyback.address, new Uint8Array(20)),
    fromEpoch: pick(0, 1, SAFE),
    toEpoch: pick(0, 1, 5, SAFE),
    sold: u256,
    rolled: u256,
    burned: u256,
    counted: u256,
  }),
  fc.record({ type: pick("serviceTransferred"), service, owner: account }),
  fc.record({ type: pick("parameterSet"), parameter: pick(...PARAMETER_KEYS), value: u256 }),
  fc.record({ type: pick("shares"), node: fc.nat(10_000), service: fc.nat(10_000) }),
  fc.record({ type: pick("serviceRegistered"), service, owner: pick("owner", "") }),
  fc.record({
    type: pick("priceSet"),
    service,
    commodity: fc.oneof(fc.nat(9), pick(255)),
    price: u256,
  }),
);
const forged = fc.oneof({ weight: 5, arbitrary: pick(false) }, { weight: 1, arbitrary: pick(true) });
const delegation = fc.record({
  parent: pick("s", "s", "s", "s", "t"),
  from: pick(0, 0, 0, 0, 1, SAFE),
  to: pick(0, 5, SAFE, SAFE, SAFE),
  limit: u64,
  forged: pick(false, true),
});
const ack = fc.record({
  account,
  session: pick("s", "s", "t", "page", "page"),
  lane: u32,
  count: u32,
  units: u64,
  commodity: fc.oneof(pick(0), pick(1, 7, 8, 255)),
  service,
  epoch: off,
  forged,
  foreign: forged,
});
const transaction = fc.oneof(
  fc.record({ do: pick("transfer", "withdraw"), account, to: account, amount: u64, off }),
  fc.record({
    do: pick("authorize"),
    account,
    session: pick("s", "t"),
    scheme: fc.oneof({ weight: 5, arbitrary: pick(0) }, { weight: 1, arbitrary: pick(255) }),
    expiryEpoch: pick(0, 5, SAFE),
    limit: u64,
    off,
  }),
  fc.record({ do: pick("revoke"), account, session: pick("s", "t"), off }),
  {
    weight: 3,
    arbitrary: fc.record({ do: pick("acks"), key, acks: fc.array(ack, { maxLength: 5 }), delegation }),
  },
  fc.record({
    do: pick("reserve"),
    key,
    account,
    session: pick("s", "s", "s", "t", "page"),
    delegation,
    amount: u64,
    off,
    forged,
    foreign: forged,
  }),
  fc.record({ do: pick("opt"), kind: pick(TX.optIn, TX.optOut), key, off, forged }),
  {
    weight: 2,
    arbitrary: fc.record({
      do: pick("report"),
      key: fc.nat(2),
      off,
      entries: fc.array(
        fc.record({
          ...{ node: fc.oneof(fc.nat(9), pick(U32)), probes: u16, reached: u16, answered: u32, failed: u32 },
          ...{ wrong: u32, latencyUs: u32, throughput: u32 },
        }),
        { maxLength: 4 },
      ),
      sorted: fc.boolean(),
    }),
  },
  fc.record({ do: pick("bytes"), bytes: fc.uint8Array({ maxLength: 120 }) }),
  fc.record({ do: pick("kind"), kind: fc.nat(255), payload: fc.uint8Array({ maxLength: 70 }) }),
);
export const block = fc.record({
  events: fc.array(event, { maxLength: 4 }),
  transactions: fc.array(transaction, { maxLength: 4 }),
  time: fc.oneof(
    { weight: 3, arbitrary: pick("soon") },
    { weight: 1, arbitrary: pick("end", "years", "past") },
  ),
  reload: fc.boolean(),
});

type Generated<T> = T extends fc.Arbitrary<infer V> ? V : never;
export type Step = Generated<typeof block>;
export type NodeStep = Extract<
  Step["events"][number],
  {
    type:
      | "endpointsSet"
      | "stakeChanged"
      | "keyRotated"
      | "networkKeyRotated"
      | "participationSet"
      | "payeeSet"
      | "stakeLocked";
  }
>;
export type Tx = Generated<typeof transaction>;
export type DelegationStep = Generated<typeof delegation>;
