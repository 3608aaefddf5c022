import assert from "node:assert/strict";
import { test } from "node:test";
import { isObjectType } from "graphql";
import { createSchema } from "#indexer/api/schema.ts";

/** What the names say: roots, and the wrappings of lists. */
const NAMED = /^(__.*|Query|Subscription|PageInfo|.*Connection|.*Edge)$/;

test("every type of the schema says what it is", () => {
  const types = Object.values(createSchema().getTypeMap()).filter(isObjectType);
  const silent = types.filter(({ name, description }) => !NAMED.test(name) && !description);
  assert.deepEqual(
    silent.map(({ name }) => name),
    [],
  );
});
