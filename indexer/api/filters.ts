import { and, eq, gt, gte, inArray, lt, lte, or, type SQL, sql } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import { type GraphQLSchema, isInputObjectType, isObjectType } from "graphql";
import type { Builder } from "./builder.ts";
import { queryError } from "./errors.ts";

/** Of one filter: what bounds the time that a database spends on its condition. */
const MAX_FILTER_DEPTH = 4;
const MAX_CONDITIONS = 50;
/** in all lists of `_in` together */
const MAX_VALUES = 1_000;
/** UTF-16 units of a text that is compared or looked for */
const MAX_FILTER_TEXT = 256;

const COMPARED = ["_eq", "_in", "_gt", "_gte", "_lt", "_lte"] as const;
const EQUAL = ["_eq", "_in"] as const;
/** What can be asked, by what is asked about. */
const COMPARISONS = {
  Address: { type: "Address", operators: EQUAL },
  Hex: { type: "Hex", operators: EQUAL },
  Int: { type: "Int", operators: COMPARED },
  Counter: { type: "Counter", operators: COMPARED },
  USDC: { type: "USDC", operators: COMPARED },
  FLK: { type: "FLK", operators: COMPARED },
  Units: { type: "Units", operators: COMPARED },
  Boolean: { type: "Boolean", operators: ["_eq"] },
  /** a name out of few */
  Code: { type: "String", operators: EQUAL },
  /** looked for in every row: for small tables only */
  Text: { type: "String", operators: [...EQUAL, "_contains"] },
} as const;

export type Comparison = keyof typeof COMPARISONS;
type Operator = (typeof COMPARISONS)[Comparison]["operators"][number];

const OPERATORS: Readonly<Record<Operator, string>> = {
  _eq: "It is this.",
  _in: "It is one of these; nothing is one of none.",
  _gt: "It is more than this.",
  _gte: "It is this or more.",
  _lt: "It is less than this.",
  _lte: "It is this or less.",
  _contains: "This text is in it, in any case; there are no patterns.",
};

/** A column that may be filtered by. */
export interface Filterable {
  comparison: Comparison;
  column: PgColumn;
  /** what it is, where the type has no field of that name, or one that says something else */
  description?: string;
}
export type FilterFields = Readonly<Record<string, Filterable>>;

export interface Where {
  and?: Where[] | null;
  or?: Where[] | null;
  [field: string]: unknown;
}

/** Makes the input types of filters: `{account: {_eq: …}, or: [{…}, {…}]}`; all that is given must hold. */
export function createFilters(builder: Builder) {
  const known = new Map<Comparison, ReturnType<typeof make>>();
  function make(name: Comparison) {
    const { type, operators } = COMPARISONS[name];
    return builder.inputType(`${name}Comparison`, {
      description:
        "What a value is compared with; all that is given must hold. A value that is null is nothing of it.",
      fields: (t) =>
        Object.fromEntries(
          operators.map((operator: Operator) => {
            const description = OPERATORS[operator];
            const field =
              operator === "_in" ? t.field({ type: [type], description }) : t.field({ type, description });
            return [operator, field];
          }),
        ),
    });
  }

  return function filter(of: string, fields: FilterFields) {
    const ref = builder.inputRef<Where>(`${of}Filter`);
    ref.implement({
      description: `What a ${of} has to be; all that is given must hold.`,
      fields: (t) => ({
        and: t.field({ type: [ref], description: "All of them hold; all rows are all of none." }),
        or: t.field({ type: [ref], description: "At least one holds; nothing holds of none." }),
        ...Object.fromEntries(
          Object.entries(fields).map(([field, { comparison, description }]) => {
            const type = known.get(comparison) ?? make(comparison);
            known.set(comparison, type);
            return [field, t.field({ type, ...(description === undefined ? {} : { description }) })];
          }),
        ),
      }),
    });
    return ref;
  };
}

/** Has each filter say of a field what the type that it filters says of it: of a node, what its id is. */
export function describeFilters(schema: GraphQLSchema): GraphQLSchema {
  for (const input of Object.values(schema.getTypeMap())) {
    const type = schema.getType(input.name.replace(/Filter$/, ""));
    if (!isInputObjectType(input) || !isObjectType(type)) continue;
    const shown = type.getFields();
    for (const field of Object.values(input.getFields()))
      field.description ??= (shown[`${field.name}Id`] ?? shown[field.name])?.description;
  }
  return schema;
}

interface Budget {
  conditions: number;
  values: number;
}

/** What a filter asks of a row; undefined: nothing. @throws ERR_QUERY_ARGUMENT, ERR_QUERY_TOO_COSTLY */
export function conditionOf(where: Where | null | undefined, fields: FilterFields): SQL | undefined {
  return where ? read(where, fields, 1, { conditions: 0, values: 0 }) : undefined;
}

function read(where: Where, fields: FilterFields, depth: number, budget: Budget): SQL | undefined {
  if (depth > MAX_FILTER_DEPTH) {
    throw queryError("ERR_QUERY_TOO_COSTLY", `a filter nests at most ${MAX_FILTER_DEPTH} deep`);
  }
  const parts = Object.entries(where).map(([name, value]) => {
    if (value === undefined) return undefined;
    if (name === "and" || name === "or") {
      const inner = given(name, value as Where[] | null).map((item) => {
        spend(budget, 1, 0);
        return read(item, fields, depth + 1, budget) ?? sql`true`;
      });
      return name === "and" ? and(...inner) : (or(...inner) ?? sql`false`);
    }
    const { column } = fields[name] as Filterable;
    return and(
      ...Object.entries(given(name, value as object | null)).map(([operator, operand]) =>
        operand === undefined ? undefined : compare(column, operator as Operator, operand, budget),
      ),
    );
  });
  return and(...parts);
}

/** A variable that is not set leaves the whole field out; null would have to mean everything. */
function given<T>(name: string, value: T | null): T {
  if (value === null)
    throw queryError("ERR_QUERY_ARGUMENT", `${name} is null: leave it out, or give a value`);
  return value;
}

function compare(column: PgColumn, operator: Operator, operand: unknown, budget: Budget): SQL {
  const value = given(operator, operand);
  const values = Array.isArray(value) ? value : [value];
  spend(budget, 1, values.length);
  for (const item of values) assertComparable(item);
  switch (operator) {
    case "_eq":
      return eq(column, value);
    case "_in":
      return values.length === 0 ? sql`false` : inArray(column, values);
    case "_gt":
      return gt(column, value);
    case "_gte":
      return gte(column, value);
    case "_lt":
      return lt(column, value);
    case "_lte":
      return lte(column, value);
    case "_contains":
      return sql`position(lower(${value}) in lower(${column})) > 0`;
  }
}

function assertComparable(value: unknown): void {
  if (value === null) throw queryError("ERR_QUERY_ARGUMENT", "a list of values has no null");
  if (typeof value !== "string" || (value.length <= MAX_FILTER_TEXT && !value.includes("\0"))) return;
  throw queryError("ERR_QUERY_ARGUMENT", `a text has at most ${MAX_FILTER_TEXT} characters, and no NUL`);
}

function spend(budget: Budget, conditions: number, values: number): void {
  budget.conditions += conditions;
  budget.values += values;
  if (budget.conditions > MAX_CONDITIONS || budget.values > MAX_VALUES) {
    const message = `a filter has at most ${MAX_CONDITIONS} conditions and ${MAX_VALUES} values`;
    throw queryError("ERR_QUERY_TOO_COSTLY", message);
  }
}
