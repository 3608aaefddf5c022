import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isEnumType, isInputObjectType, isObjectType } from "graphql";
import { createSchema } from "#indexer/api/schema.ts";

const types = Object.values(createSchema().getTypeMap()).filter(({ name }) => !name.startsWith("__"));

/** Whose names say all: roots, and what lists are wrapped in and ordered by. */
const NAMED_TYPES = /^(Query|Subscription|PageInfo|.*(Connection|Edge|Order))$/;

/** Whose names say all: Relay's own fields, and keys that an argument asks by. */
const NAMED = [
  /^\w+Connection\.(edges|nodes|pageInfo)$/,
  /^\w+Edge\.(cursor|node)$/,
  /^PageInfo\.(hasNextPage|hasPreviousPage|startCursor|endCursor)$/,
  /^(Query|Subscription)\.(node\(id\)|account\(address\))$/,
];

interface Described {
  name: string;
  description?: string | null | undefined;
}

const silent = (items: readonly Described[]) => items.filter(({ description }) => !description?.trim());

/** Fields, arguments, input fields and values of enums, by their place in the schema. */
function partsOf(type: (typeof types)[number]): Described[] {
  const at = ({ name, description }: Described): Described => ({ name: `${type.name}.${name}`, description });
  if (isEnumType(type)) return type.getValues().map(at);
  if (isInputObjectType(type)) return Object.values(type.getFields()).map(at);
  if (!isObjectType(type)) return [];
  return Object.values(type.getFields()).flatMap((field) => [
    at(field),
    ...field.args.map(({ name, description }) => at({ name: `${field.name}(${name})`, description })),
  ]);
}

describe("the schema says what there is", () => {
  it("of every type", () => {
    const found = silent(types).map(({ name }) => name);
    assert.deepEqual(
      found.filter((name) => !NAMED_TYPES.test(name)),
      [],
    );
  });

  it("of every field, argument, input field and value of an enum, but where the name says all", () => {
    const found = silent(types.flatMap(partsOf)).map(({ name }) => name);
    assert.deepEqual(
      found.filter((name) => !NAMED.some((pattern) => pattern.test(name))),
      [],
    );
  });

  it("names nothing for its name alone that is described, or gone", () => {
    const found = silent(types.flatMap(partsOf)).map(({ name }) => name);
    for (const pattern of NAMED)
      assert.ok(
        found.some((name) => pattern.test(name)),
        String(pattern),
      );
  });
});
