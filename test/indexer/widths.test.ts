import assert from "node:assert/strict";
import { after, before, describe, it, test } from "node:test";
import { getTableConfig, type PgTable } from "drizzle-orm/pg-core";
import { deliveries, lanes, measurements, nodeEpochs, nodeWork, sessions } from "#indexer/store/schema.ts";
import { Ack } from "#protocol/types/ack.ts";
import { fromHex, toHex } from "#protocol/types/hex.ts";
import { NodeStanding, PeerReport } from "#protocol/types/reputation.ts";
import { CommodityUnits, NodeReport } from "#protocol/types/settlement.ts";
import { AuthorizeSession, TX } from "#protocol/types/transactions.ts";
import { CLIENT } from "./support/chain.ts";
import { accountTransaction, sessionOf } from "./support/transactions.ts";
import { caughtUp, get, startWorld, type World } from "./support/world.ts";

/** Numbers that chain and contracts count up by one: they stay small whatever their width on the wire. */
const COUNTED = new Set(["epoch", "node", "service", "reporters"]);
const BITS: Record<string, number> = { PgInteger: 31, PgBigInt53: 53, PgNumericBigInt: 256 };

const SOURCES: [name: string, source: { fields: object }, table: PgTable][] = [
  ["AuthorizeSession", AuthorizeSession, sessions],
  ["Ack", Ack, lanes],
  ["Ack", Ack, deliveries],
  ["PeerReport", PeerReport, measurements],
  ["NodeStanding", NodeStanding, nodeEpochs],
  ["NodeReport", NodeReport, nodeEpochs],
  ["CommodityUnits", CommodityUnits, nodeWork],
];

test("columns hold whatever a transaction or a report may put into them", () => {
  const compared: string[] = [];
  for (const [name, { fields }, table] of SOURCES) {
    for (const column of getTableConfig(table).columns) {
      const type = fields[column.name as keyof typeof fields] as
        | { typeName: string; byteLength: number }
        | undefined;
      const bits = BITS[column.columnType];
      if (!type || bits === undefined || COUNTED.has(column.name)) continue;
      const needed = type.typeName === "counter64" ? 53 : 8 * type.byteLength;
      assert.ok(bits >= needed, `${name}.${column.name} has ${needed} bits, its column ${bits}`);
      compared.push(column.name);
    }
  }
  assert.ok(compared.includes("expiryEpoch") && compared.includes("lane") && compared.includes("probes"));
});

describe("a session that never ends", () => {
  const never = Number.MAX_SAFE_INTEGER;
  const limit = 2n ** 64n - 1n;
  let world: World;
  before(async () => {
    world = await startWorld();
  });
  after(() => world.stop());

  it("is indexed like any other, and is found by its last epoch", async () => {
    const { chain, indexer } = world;
    const body = { account: fromHex(CLIENT), nonce: 0, scheme: 0, limit };
    const key = sessionOf(CLIENT);
    const [last, soon] = [key, new Uint8Array(32).fill(7)].map((key, i) =>
      accountTransaction({
        kind: TX.authorizeSession,
        body: { ...body, key, expiryEpoch: i === 0 ? never : 9 },
      }),
    );
    if (last && soon) chain.block({ transactions: [last, soon] });
    await caughtUp(world);
    const { sessions } = await get(
      indexer,
      `{ sessions(where: { expiryEpoch: { _gt: ${2 ** 31} } }) { nodes { key expiryEpoch limit } } }`,
    );
    assert.deepEqual(sessions.nodes, [{ key: toHex(key), expiryEpoch: never, limit: String(limit) }]);
  });
});
