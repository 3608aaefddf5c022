import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import type { RpcContext } from "#node/rpc/method.ts";
import { CHAIN_METHODS } from "#node/rpc/methods-chain.ts";
import { STATE_METHODS } from "#node/rpc/methods-state.ts";
import { parseParams } from "#node/rpc/params.ts";
import type { Schema } from "#node/rpc/schemas.ts";
import { AckConflict } from "#protocol/types/ack.ts";
import { toHex } from "#protocol/types/hex.ts";
import { ALICE, fakeChain, fakePool, LANE, SESSION, TX_ID } from "./fake-chain.ts";

const METHODS = [...CHAIN_METHODS, ...STATE_METHODS];
const read = (path: string) => readFile(new URL(`../../../${path}`, import.meta.url), "utf8");

/** What is known to somebody, so that no answer is null. */
const PARAMS: Record<string, unknown> = {
  height: 40,
  transaction: "0x010203",
  transaction_id: toHex(TX_ID),
  account: toHex(ALICE),
  key: toHex(SESSION),
  lane_id: toHex(LANE),
  node: 1,
  service: 0,
};

const context: RpcContext = {
  chain: {
    ...fakeChain(),
    reservation: (key) => ({ ...key, amount: 5n, paid: 1n }),
    delegate: () => ({ session: SESSION, spent: 1n, reserved: 2n }),
  },
  pool: fakePool(),
  evidence: { conflicts: async () => [AckConflict.defaultValue()] },
};

/** Why a value is not what the schema says; undefined when it is. */
function wrong(schema: Schema, value: unknown, at: string): string | undefined {
  if (Array.isArray(schema.oneOf)) {
    const reasons = schema.oneOf.map((one) => wrong(one as Schema, value, at));
    return reasons.includes(undefined) ? undefined : reasons.join("; ");
  }
  if (Array.isArray(schema.enum)) return schema.enum.includes(value) ? undefined : `${at}: not in the list`;
  if (schema.type === "array") {
    if (!Array.isArray(value)) return `${at}: no list`;
    const { items, prefixItems = [] } = schema as { items: Schema; prefixItems?: Schema[] };
    return value.map((item, i) => wrong(prefixItems[i] ?? items, item, `${at}[${i}]`)).find(Boolean);
  }
  if (schema.type === "object") {
    if (typeof value !== "object" || value === null) return `${at}: no object`;
    const properties = (schema.properties ?? {}) as Record<string, Schema>;
    const of = (name: string) => properties[name] ?? (schema.additionalProperties || undefined);
    const names = new Set([...Object.keys(properties), ...Object.keys(value)]);
    return [...names]
      .map((name) => {
        const inner = of(name);
        if (!inner) return `${at}.${name}: not in the schema`;
        return wrong(inner as Schema, (value as Record<string, unknown>)[name], `${at}.${name}`);
      })
      .find(Boolean);
  }
  if (schema.type === "integer") return Number.isInteger(value) ? undefined : `${at}: no integer`;
  if (schema.type === "null") return value === null ? undefined : `${at}: not null`;
  if (typeof value !== schema.type) return `${at}: no ${schema.type}`;
  const matches = typeof schema.pattern !== "string" || new RegExp(schema.pattern).test(value as string);
  return matches ? undefined : `${at}: not of the form ${schema.pattern}`;
}

for (const method of METHODS) {
  // a parameter is named alike in all methods, but for epochs: of a closed one, or of none
  const epochs =
    "epoch" in method.params ? [2, ...("optional" in method.params.epoch ? [undefined] : [])] : [0];
  for (const epoch of epochs) {
    test(`${method.name} answers what its schema says${epoch === 2 ? " of a closed epoch" : ""}`, async () => {
      const known = { ...PARAMS, epoch };
      const names = Object.keys(method.params).filter((name) => name !== "key" || "account" in method.params);
      const given = Object.fromEntries(names.map((name) => [name, known[name as keyof typeof known]]));
      // node 2 is in the report, node 1 has a standing
      if (method.name === "flk_get_node_served") given.node = 2;
      const answer = await method.call(context, parseParams(method.params, given));
      assert.notEqual(answer, null);
      assert.equal(wrong(method.result, answer, "result"), undefined);
    });
  }
}

test("docs/spec/rpc.md has every method of a node and every one that an indexer passes on", async () => {
  const page = await read("docs/spec/rpc.md");
  for (const { name } of METHODS) assert.ok(page.includes(`### \`${name}\``), name);
  const relayed = page.slice(page.indexOf("## Through an indexer"), page.indexOf("## Chain"));
  const passed = [...(await read("indexer/api/relay.ts")).matchAll(/"(flk_\w+)"/g)].map(([, name]) => name);
  assert.deepEqual([...relayed.matchAll(/`(flk_\w+)`/g)].map(([, name]) => name).sort(), passed.sort());
});
