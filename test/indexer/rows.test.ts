import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { eq, sql } from "drizzle-orm";
import fc from "fast-check";
import type { Store, Transaction, Writer } from "#indexer/store/database.ts";
import { plus, Rows, withBits } from "#indexer/store/rows.ts";
import { accounts, deposits, nodes, prices, services } from "#indexer/store/schema.ts";
import { openStore } from "./support/storage.ts";

const ACCOUNTS = ["0xaa", "0xbb", "0xcc"];
const NODES = [1, 2, 3];
const node = { owner: "0xaa", keyVersion: 0, consensusKey: "0x", networkKey: "0x", endpoints: "" };

type Change =
  | { kind: "account"; address: string; deposits?: bigint; escaped?: bigint; roles?: number }
  | { kind: "payee"; address: string; payee: string | null }
  | { kind: "register"; id: number }
  | { kind: "price"; service: number; commodity: number; price: bigint }
  | { kind: "node"; id: number; stake?: bigint; slashed?: bigint };

const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record(
    {
      kind: fc.constant("account" as const),
      address: fc.constantFrom(...ACCOUNTS),
      deposits: fc.bigInt(0n, 10n ** 40n),
      escaped: fc.bigInt(0n, 10n ** 40n),
      roles: fc.nat(31),
    },
    { requiredKeys: ["kind", "address"] },
  ),
  fc.record({
    kind: fc.constant("payee" as const),
    address: fc.constantFrom(...ACCOUNTS),
    payee: fc.constantFrom(null, "0xdd", "{\"',\\}", ""),
  }),
  // a key of two numbers: those of one sum are several rows
  fc.record({
    kind: fc.constant("price" as const),
    service: fc.nat(2),
    commodity: fc.nat(2),
    price: fc.bigInt(0n, 10n ** 40n),
  }),
  fc.record({ kind: fc.constant("register" as const), id: fc.constantFrom(...NODES) }),
  fc.record(
    {
      kind: fc.constant("node" as const),
      id: fc.constantFrom(...NODES),
      stake: fc.bigInt(0n, 10n ** 40n),
      slashed: fc.bigInt(0n, 10n ** 40n),
    },
    { requiredKeys: ["kind", "id"] },
  ),
);

/** Each change by a statement of its own, written by hand. */
async function oneByOne(tx: Transaction, changes: Change[]): Promise<void> {
  for (const given of changes) {
    if (given.kind === "register") {
      await tx.insert(nodes).values({ ...node, id: given.id, optedIn: true, payee: "0xaa" });
    } else if (given.kind === "price") {
      const { service, commodity, price } = given;
      await tx
        .insert(prices)
        .values({ service, commodity, price })
        .onConflictDoUpdate({ target: [prices.service, prices.commodity], set: { price } });
    } else if (given.kind === "node") {
      const slashed = sql`${nodes.slashed} + ${given.slashed ?? 0n}::numeric`;
      const stake = given.stake === undefined ? {} : { stake: given.stake };
      await tx
        .update(nodes)
        .set({ ...stake, slashed })
        .where(eq(nodes.id, given.id));
    } else {
      await tx.insert(accounts).values({ address: given.address }).onConflictDoNothing();
      const escaped = given.kind === "account" ? (given.escaped ?? 0n) : 0n;
      const roles = given.kind === "account" ? (given.roles ?? 0) : 0;
      const set = given.kind === "payee" ? { payee: given.payee } : {};
      const deposits = given.kind === "account" ? given.deposits : undefined;
      await tx
        .update(accounts)
        .set({
          ...set,
          ...(deposits === undefined ? {} : { deposits }),
          escaped: sql`${accounts.escaped} + ${escaped}::numeric`,
          roles: sql`${accounts.roles} | ${roles}::integer`,
        })
        .where(eq(accounts.address, given.address));
    }
  }
}

interface Cuts {
  flushAt: number;
  many: number;
}

async function gathered(tx: Transaction, changes: Change[], { flushAt, many }: Cuts): Promise<void> {
  const rows = new Rows(tx, many);
  for (const [at, { kind, ...given }] of changes.entries()) {
    if (at === flushAt) await rows.flush();
    if (rows.hasMany) await rows.begin();
    if ("address" in given) {
      const { address } = given;
      if (kind === "payee") rows.upsert(accounts, { address, payee: (given as { payee: string }).payee });
      else {
        const { deposits, escaped, roles } = given as { deposits?: bigint; escaped?: bigint; roles?: number };
        rows.upsert(accounts, {
          address,
          ...(deposits === undefined ? {} : { deposits }),
          ...(escaped === undefined ? {} : { escaped: plus(escaped) }),
          ...(roles === undefined ? {} : { roles: withBits(roles) }),
        });
      }
    } else if ("commodity" in given) rows.upsert(prices, given);
    else if (kind === "register") rows.insert(nodes, { ...node, id: given.id, optedIn: true, payee: "0xaa" });
    else {
      const { id, stake, slashed } = given as { id: number; stake?: bigint; slashed?: bigint };
      rows.update(nodes, {
        id,
        ...(stake === undefined ? {} : { stake }),
        ...(slashed === undefined ? {} : { slashed: plus(slashed) }),
      });
    }
  }
  await rows.flush();
}

describe("rows that are gathered and written in bulk", () => {
  let store: Store;
  let writer: Writer;
  before(async () => {
    store = await openStore("rows");
    writer = await store.claim(new AbortController().signal, () => undefined);
  });
  after(async () => {
    await writer.release();
    await store.close();
  });

  /** What `write` leaves in tables that were empty before it. */
  async function result(write: (tx: Transaction) => Promise<void>) {
    return writer.write(async (tx) => {
      await tx.delete(accounts);
      await tx.delete(nodes);
      await tx.delete(prices);
      await write(tx);
      return [
        await tx.select().from(accounts).orderBy(accounts.address),
        await tx.select().from(nodes).orderBy(nodes.id),
        await tx.select().from(prices).orderBy(prices.service, prices.commodity),
      ];
    });
  }

  it("are what one statement per change would have left, however they are cut", async () => {
    const cuts = fc.record({ flushAt: fc.nat(25), many: fc.integer({ min: 1, max: 4 }) });
    const run = fc.tuple(fc.array(change, { maxLength: 25 }), cuts);
    await fc.assert(
      fc.asyncProperty(run, async ([drawn, cut]) => {
        const registered = new Set<number>();
        const changes = drawn.filter((given) => {
          if (given.kind !== "register") return true;
          const fresh = !registered.has(given.id);
          registered.add(given.id);
          return fresh;
        });
        const expected = await result((tx) => oneByOne(tx, changes));
        assert.deepEqual(await result((tx) => gathered(tx, changes, cut)), expected);
      }),
      { seed: 26, numRuns: 60 },
    );
  });

  it("take text that is hostile, and nothing in place of a value", async () => {
    const endpoints = [
      "{}",
      '"',
      "\\",
      "NULL",
      "\\N",
      "\\.",
      "\tb\r\n\\t",
      "a,b",
      "'); DROP TABLE accounts; --",
      "\u0000",
      "🧀",
      '\n"\u0007\\',
      '"🧀\\',
    ];
    const read = await writer.write(async (tx) => {
      const rows = new Rows(tx);
      for (const [id, metadataUri] of endpoints.entries())
        rows.insert(services, { id, owner: "0xaa", metadataUri });
      await rows.flush();
      return tx.select({ text: services.metadataUri }).from(services).orderBy(services.id);
    });
    assert.deepEqual(
      read.map(({ text }) => text),
      endpoints.map((text) => text.replace("\u0000", "\ufffd")),
    );
  });

  it("of which one is there already fail as a whole", async () => {
    const deposit = { block: 1, logIndex: 0, txHash: "0x", time: 0, account: "0xaa", from: "0xaa" };
    const write = (count: number) =>
      writer.write(async (tx) => {
        const rows = new Rows(tx);
        for (let logIndex = 0; logIndex < count; logIndex++) rows.insert(deposits, { ...deposit, logIndex });
        await rows.flush();
      });
    await write(1);
    await assert.rejects(write(2));
    const twice = writer.write(async (tx) => {
      const rows = new Rows(tx);
      rows.insert(deposits, { ...deposit, logIndex: 7 });
      rows.insert(deposits, { ...deposit, logIndex: 7 });
      await rows.flush();
    });
    await assert.rejects(twice);
    assert.equal(await store.db.$count(deposits), 1);
  });

  it("of which one cannot be told fail with that, also when the statement before it fails meanwhile", async () => {
    const unhandled: unknown[] = [];
    const hear = (error: unknown) => unhandled.push(error);
    process.on("unhandledRejection", hear);
    const refuse = () => {
      throw new Error("no value");
    };
    const write = writer.write(async (tx) => {
      const rows = new Rows(tx);
      const deposit = { txHash: "0x", time: 0, account: "0xaa", from: "0xaa", amount: 1n };
      rows.insert(deposits, { ...deposit, block: 2, logIndex: 0 });
      await rows.flush();
      // there is one
      rows.insert(deposits, { ...deposit, block: 2, logIndex: 0 });
      rows.upsert(accounts, { address: "refused", deposits: { toString: refuse } as never });
      await rows.flush();
    });
    await assert.rejects(write, /no value/);
    await new Promise((resolve) => setImmediate(resolve));
    process.off("unhandledRejection", hear);
    assert.deepEqual(unhandled, []);
  });

  it("of which one that is written before the rest fails fail as a whole", async () => {
    const before = await store.db.$count(deposits);
    let begun = 0;
    const write = writer.write(async (tx) => {
      const rows = new Rows(tx, 2);
      const deposit = { txHash: "0x", time: 0, account: "0xaa", from: "0xaa", amount: 1n };
      for (const [block, logIndex] of [
        [3, 0],
        [1, 0],
        [3, 1],
        [3, 2],
      ] as const) {
        rows.insert(deposits, { ...deposit, block, logIndex });
        if (!rows.hasMany) continue;
        begun++;
        await rows.begin();
      }
      await rows.flush();
    });
    await assert.rejects(write, /copy "?deposits/i);
    assert.ok(begun > 0);
    assert.equal(await store.db.$count(deposits), before);
  });

  it("may be more than a statement takes", async () => {
    const count = await writer.write(async (tx) => {
      const rows = new Rows(tx);
      for (let i = 0; i < 25_001; i++) rows.upsert(accounts, { address: `many ${i}`, deposits: BigInt(i) });
      await rows.flush();
      const { rows: found } = await tx.execute<{ sum: string }>(
        sql`SELECT sum("deposits")::text AS sum FROM ${accounts} WHERE "address" LIKE 'many %'`,
      );
      return found[0]?.sum;
    });
    assert.equal(count, String((25_000 * 25_001) / 2));
  });
});
