import {
  BitListType,
  ByteListType,
  ByteVectorType,
  type CompositeType,
  ContainerType,
  ListBasicType,
  ListCompositeType,
  type Type,
  UintBigintType,
  UintNumberType,
} from "@chainsafe/ssz";
import { snakeCase } from "./json.ts";

/** JSON schema of a result, as `rpc.discover` and docs/spec/rpc.md show it. */
export type Schema = Readonly<Record<string, unknown>>;

export const STRING: Schema = { type: "string" };
export const AMOUNT: Schema = { type: "string", pattern: "^[0-9]+$" };
export const INTEGER: Schema = { type: "integer" };
export const FLAG: Schema = { type: "boolean" };
export const HEX: Schema = { type: "string", pattern: "^0x[0-9a-f]*$" };
export const listOf = (items: Schema): Schema => ({ type: "array", items });
export const orNull = (schema: Schema): Schema => ({ oneOf: [schema, { type: "null" }] });
/** An object of these fields and no others. */
export const fields = (properties: Readonly<Record<string, Schema>>): Schema => ({
  type: "object",
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});

/** What `toJson` makes of a value of an SSZ type. */
export function schemaOf(type: Type<unknown>): Schema {
  if (type instanceof UintBigintType) return AMOUNT;
  if (type instanceof UintNumberType) return INTEGER;
  if (type instanceof ByteVectorType || type instanceof ByteListType) return HEX;
  if (type instanceof BitListType) return listOf(INTEGER);
  if (type instanceof ListBasicType || type instanceof ListCompositeType)
    return listOf(schemaOf(type.elementType as Type<unknown>));
  if (type instanceof ContainerType) return fields(propertiesOf(type));
  throw new TypeError(`no schema of ${type.typeName}`);
}

/** Of the fields of a container, by their names in JSON. */
export function propertiesOf(type: CompositeType<unknown, unknown, unknown>): Record<string, Schema> {
  const named = Object.entries((type as unknown as { fields: Record<string, Type<unknown>> }).fields);
  return Object.fromEntries(named.map(([name, field]) => [snakeCase(name), schemaOf(field)]));
}
