import {
  type DocumentNode,
  type ExecutionArgs,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getArgumentValues,
  getNamedType,
  getOperationAST,
  getVariableValues,
  isIntrospectionType,
  isObjectType,
  Kind,
  parse,
  SchemaMetaFieldDef,
  type SelectionSetNode,
  type Source,
  TypeMetaFieldDef,
} from "graphql";
import type { Plugin } from "graphql-yoga";
import type { ApiContext } from "./context.ts";
import { queryError } from "./errors.ts";
import { DEFAULT_PAGE } from "./page.ts";
import type { ApiSettings } from "./settings.ts";
import { withinTime } from "./within-time.ts";
import { type Asked, countWork, listingOf, listWork } from "./work.ts";

const MAX_DEPTH = 12;
/** Rows that a query may ask for in all: the product of nested pages, summed over every list. */
const MAX_ROWS = 200_000;
const MAX_FIELDS = 1_000;
const MAX_ALIASES = 50;
/** Below `__schema` and `__type`, where each may repeat all of the schema and no tool needs one. */
const MAX_INTROSPECTION_ALIASES = 5;
/** of one query: what bounds the statements that it waits for */
const MAX_LISTS = 20;
/** Units of work.ts: what a database reads beside what it returns. An embedded one does nothing else meanwhile. */
const MAX_WORK = 60;
/** of a document, GraphQL's own words and signs */
const MAX_TOKENS = 4_000;

type Variables = Readonly<Record<string, unknown>>;

interface Walk {
  schema: GraphQLSchema;
  fragments: Map<string, FragmentDefinitionNode>;
  variables: Variables;
  fields: number;
  aliases: number;
  /** of them: within introspection */
  introspectionAliases: number;
  rows: number;
  lists: number;
  /** see work.ts */
  work: number;
}

/** Where a walk is. */
interface Spot {
  type: GraphQLObjectType;
  depth: number;
  /** rows that have what is here */
  times: number;
  /** the list that `type` is the connection of */
  list?: Asked | undefined;
}

/**
 * Refuses a valid document that is too deep or asks for too much, before anything of it runs.
 * @throws ERR_QUERY_TOO_DEEP, ERR_QUERY_TOO_COSTLY
 */
function assertWithinLimits(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | undefined,
  given: Variables,
): void {
  const operation = getOperationAST(document, operationName);
  const root = operation && schema.getRootType(operation.operation);
  if (!root) return;
  const { coerced: variables } = getVariableValues(schema, operation.variableDefinitions ?? [], given);
  // what is wrong with them the execution says
  if (!variables) return;
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const counts = { fields: 0, aliases: 0, introspectionAliases: 0, rows: 0, lists: 0, work: 0 };
  const walk: Walk = { schema, fragments, variables, ...counts };
  visit(walk, operation.selectionSet, { type: root, depth: 1, times: 1 });
}

const INTROSPECTION: Readonly<Record<string, GraphQLField<unknown, unknown>>> = {
  [SchemaMetaFieldDef.name]: SchemaMetaFieldDef,
  [TypeMetaFieldDef.name]: TypeMetaFieldDef,
};

function visit(walk: Walk, set: SelectionSetNode, spot: Spot): void {
  for (const selection of set.selections) {
    if (selection.kind === Kind.FRAGMENT_SPREAD) {
      const fragment = walk.fragments.get(selection.name.value);
      if (fragment) visit(walk, fragment.selectionSet, spot);
    } else if (selection.kind === Kind.INLINE_FRAGMENT) {
      visit(walk, selection.selectionSet, spot);
    } else {
      visitField(walk, selection, spot);
    }
  }
}

function countField(walk: Walk, field: FieldNode, parent: GraphQLObjectType, depth: number): void {
  const introspects = isIntrospectionType(parent) || Object.hasOwn(INTROSPECTION, field.name.value);
  // how deep introspection may go is a rule of its own
  if (depth > MAX_DEPTH && !introspects)
    throw queryError("ERR_QUERY_TOO_DEEP", `the query is deeper than ${MAX_DEPTH} fields`);
  if (++walk.fields > MAX_FIELDS) throw tooCostly(`the query has more than ${MAX_FIELDS} fields`);
  if (field.alias && ++walk.aliases > MAX_ALIASES) {
    throw tooCostly(`the query has more than ${MAX_ALIASES} aliases`);
  }
  if (field.alias && introspects && ++walk.introspectionAliases > MAX_INTROSPECTION_ALIASES) {
    throw tooCostly(`introspection has at most ${MAX_INTROSPECTION_ALIASES} aliases`);
  }
}

function visitField(walk: Walk, field: FieldNode, { type: parent, depth, times, list }: Spot): void {
  countField(walk, field, parent, depth);
  if (list && field.name.value === "totalCount") spend(walk, countWork(list));
  const definition = parent.getFields()[field.name.value] ?? INTROSPECTION[field.name.value];
  if (!definition) return;
  const { rows = 0, times: each = 1, work } = definition.extensions;
  addRows(walk, times * rows);
  if (work) spend(walk, work(times));
  const type = getNamedType(definition.type);
  if (!field.selectionSet || !isObjectType(type)) return;
  const listing = listingOf(type);
  const inner = { type, depth: depth + 1, times: times * each };
  if (!listing) {
    visit(walk, field.selectionSet, inner);
    return;
  }
  const args = getArgumentValues(definition, field, walk.variables);
  const asked = { listing, args, parents: depth === 1 ? undefined : times };
  visit(walk, field.selectionSet, { ...inner, times: spendList(walk, asked, times), list: asked });
}

/** @returns the rows of all pages of the list */
function spendList(walk: Walk, asked: Asked, times: number): number {
  const rows = times * Math.max(1, asked.args.first ?? asked.args.last ?? DEFAULT_PAGE);
  addRows(walk, rows);
  if (++walk.lists > MAX_LISTS) throw tooCostly(`the query has more than ${MAX_LISTS} lists`);
  spend(walk, listWork(asked));
  return rows;
}

function addRows(walk: Walk, rows: number): void {
  walk.rows += rows;
  if (walk.rows <= MAX_ROWS) return;
  throw tooCostly(`the query may return more than ${MAX_ROWS} rows: ask for smaller pages`);
}

function spend(walk: Walk, work: number): void {
  walk.work += work;
  if (walk.work <= MAX_WORK) return;
  throw tooCostly(
    "the query reads too much beside what it returns: ask for totalCount, role, atEpoch, payouts, withdrawnStable, or filters and orders of different columns in queries of their own",
  );
}

function tooCostly(message: string): GraphQLError {
  return queryError("ERR_QUERY_TOO_COSTLY", message);
}

/** Yoga plugin. How deep introspection goes is left to GraphQL's own rule. */
export function limitsPlugin({ queryTimeoutMs }: ApiSettings): Plugin {
  const check = ({ args }: { args: ExecutionArgs }) =>
    assertWithinLimits(
      args.schema,
      args.document,
      args.operationName ?? undefined,
      args.variableValues ?? {},
    );
  return {
    onParse: ({ setParseFn }) => setParseFn(parseBounded),
    onExecute: (event) => {
      check(event);
      const { executeFn } = event;
      event.setExecuteFn((args: ExecutionArgs) =>
        withinTime(
          () => executeFn(args),
          queryTimeoutMs,
          () => {
            // what still runs of it in the database
            (args.contextValue as ApiContext).giveUp();
            return queryError("ERR_QUERY_TIMEOUT", `the query took more than ${queryTimeoutMs} ms`);
          },
        ),
      );
    },
    onSubscribe: check,
  };
}

const TOO_MANY_TOKENS = /Document contains more/;

function parseBounded(source: string | Source): DocumentNode {
  try {
    return parse(source, { maxTokens: MAX_TOKENS });
  } catch (error) {
    if (error instanceof GraphQLError && TOO_MANY_TOKENS.test(error.message)) {
      throw queryError("ERR_QUERY_TOO_COSTLY", `the document has more than ${MAX_TOKENS} tokens`);
    }
    throw error;
  }
}
