import {
  type DocumentNode,
  type ExecutionArgs,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  getOperationAST,
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
import { queryError } from "./errors.ts";
import { DEFAULT_PAGE, MAX_PAGE } from "./page.ts";
import type { ApiSettings } from "./settings.ts";

const MAX_DEPTH = 12;
/** Rows that a query may ask for in all: the product of nested pages, summed over every list. */
const MAX_ROWS = 200_000;
const MAX_FIELDS = 1_000;
const MAX_ALIASES = 50;
/** Below `__schema` and `__type`, where each may repeat all of the schema and no tool needs one. */
const MAX_INTROSPECTION_ALIASES = 5;
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
}

/**
 * Refuses a valid document that is too deep or asks for too much, before anything of it runs.
 * @throws ERR_QUERY_TOO_DEEP, ERR_QUERY_TOO_COSTLY
 */
function assertWithinLimits(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | undefined,
  variables: Variables,
): void {
  const operation = getOperationAST(document, operationName);
  const root = operation && schema.getRootType(operation.operation);
  if (!root) return;
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const none = { fields: 0, aliases: 0, introspectionAliases: 0, rows: 0 };
  visit({ schema, fragments, variables, ...none }, operation.selectionSet, root, 1, 1);
}

const INTROSPECTION: Readonly<Record<string, GraphQLField<unknown, unknown>>> = {
  [SchemaMetaFieldDef.name]: SchemaMetaFieldDef,
  [TypeMetaFieldDef.name]: TypeMetaFieldDef,
};

function visit(
  walk: Walk,
  set: SelectionSetNode,
  type: GraphQLObjectType,
  depth: number,
  times: number,
): void {
  for (const selection of set.selections) {
    if (selection.kind === Kind.FRAGMENT_SPREAD) {
      const fragment = walk.fragments.get(selection.name.value);
      if (fragment) visit(walk, fragment.selectionSet, type, depth, times);
    } else if (selection.kind === Kind.INLINE_FRAGMENT) {
      visit(walk, selection.selectionSet, type, depth, times);
    } else {
      visitField(walk, selection, type, depth, times);
    }
  }
}

function visitField(
  walk: Walk,
  field: FieldNode,
  parent: GraphQLObjectType,
  depth: number,
  times: number,
): void {
  const introspects = isIntrospectionType(parent) || Object.hasOwn(INTROSPECTION, field.name.value);
  // how deep introspection may go is a rule of its own
  if (depth > MAX_DEPTH && !introspects)
    throw queryError("ERR_QUERY_TOO_DEEP", `the query is deeper than ${MAX_DEPTH} fields`);
  if (++walk.fields > MAX_FIELDS) {
    throw queryError("ERR_QUERY_TOO_COSTLY", `the query has more than ${MAX_FIELDS} fields`);
  }
  if (field.alias && ++walk.aliases > MAX_ALIASES) {
    throw queryError("ERR_QUERY_TOO_COSTLY", `the query has more than ${MAX_ALIASES} aliases`);
  }
  if (field.alias && introspects && ++walk.introspectionAliases > MAX_INTROSPECTION_ALIASES) {
    const message = `introspection has at most ${MAX_INTROSPECTION_ALIASES} aliases`;
    throw queryError("ERR_QUERY_TOO_COSTLY", message);
  }
  const definition = parent.getFields()[field.name.value] ?? INTROSPECTION[field.name.value];
  const type = definition && getNamedType(definition.type);
  if (!field.selectionSet || !isObjectType(type)) return;
  let inner = times;
  if (type.name.endsWith("Connection")) {
    inner = times * Math.max(1, pageSize(field, walk.variables));
    walk.rows += inner;
    if (walk.rows > MAX_ROWS) {
      throw queryError(
        "ERR_QUERY_TOO_COSTLY",
        `the query may return more than ${MAX_ROWS} rows: ask for smaller pages`,
      );
    }
  }
  visit(walk, field.selectionSet, type, depth + 1, inner);
}

function pageSize(field: FieldNode, variables: Variables): number {
  const value = field.arguments?.find((argument) => argument.name.value === "first")?.value;
  if (value?.kind === Kind.INT) return Number(value.value);
  if (value?.kind === Kind.VARIABLE) {
    const given = variables[value.name.value];
    return typeof given === "number" ? given : MAX_PAGE;
  }
  return DEFAULT_PAGE;
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
      event.setExecuteFn((args: ExecutionArgs) => withinTime(() => executeFn(args), queryTimeoutMs));
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

/** What still runs in the database ends by the time-out of that. @throws ERR_QUERY_TIMEOUT */
async function withinTime<T>(run: () => T | Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const refuse = () => reject(queryError("ERR_QUERY_TIMEOUT", `the query took more than ${ms} ms`));
    timer = setTimeout(refuse, ms);
  });
  try {
    return await Promise.race([run(), late]);
  } finally {
    clearTimeout(timer);
  }
}
