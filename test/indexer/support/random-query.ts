import {
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
} from "graphql";
import type { Rng } from "#scripts/bench/support/rng.ts";

const ODD_TEXTS = [
  "",
  "x",
  "0x",
  "\\u0000",
  "'; DROP TABLE accounts; --",
  "%",
  "\\ud800",
  "WyJhZGRyZXNzIiwiMHgxIl0",
];
const ODD_NUMBERS = ["-1", "0", "1", "1000", "1001", "2147483647", "2147483648", "9007199254740993", "1e400"];

/** Queries that follow from a schema: valid but for what `wild` puts in their arguments. */
export class RandomQueries {
  readonly #schema: GraphQLSchema;
  readonly #rng: Rng;
  readonly #addresses: readonly string[];
  #aliases = 0;

  constructor(schema: GraphQLSchema, rng: Rng, addresses: readonly string[]) {
    this.#schema = schema;
    this.#rng = rng;
    this.#addresses = addresses;
  }

  /** `wild`: of 100 arguments, those that make no sense. */
  next(wild: number): string {
    const depth = this.#rng.chance(0.1) ? this.#rng.int(8, 14) : this.#rng.int(2, 6);
    this.#aliases = 0;
    const root = this.#schema.getQueryType() as GraphQLObjectType;
    return `query Q ${this.#selection(root, depth, this.#rng.int(1, 3), wild)}`;
  }

  /** A document with a few characters gone, doubled or others: mostly no GraphQL any more. */
  broken(document: string): string {
    let text = document;
    for (let i = this.#rng.int(1, 4); i > 0; i--) {
      const at = this.#rng.below(text.length);
      const other = this.#pick([
        "",
        "{",
        "}",
        '"',
        "\u0000",
        "$x",
        "...",
        "@skip(if: 7)",
        "🧀",
        text.slice(at, at + 9),
      ]);
      text = text.slice(0, at) + other + text.slice(at + this.#rng.below(3));
    }
    return text;
  }

  #pick<T>(values: readonly T[]): T {
    return values[this.#rng.below(values.length)] as T;
  }

  #selection(type: GraphQLObjectType, depth: number, breadth: number, wild: number): string {
    const fields = Object.values(type.getFields());
    const leaves = fields.filter((field) => !isObjectType(getNamedType(field.type)));
    const chosen = Array.from({ length: breadth }, () =>
      this.#pick(depth > 1 ? fields : [...leaves, undefined]),
    );
    const texts = chosen.map((field) => {
      if (!field) return "__typename";
      const named = getNamedType(field.type);
      const pageArg = this.#pick(["first", "last"]);
      const given = field.args
        .filter(({ name }) => !["first", "last"].includes(name) || name === pageArg)
        .filter((arg) => isNonNullType(arg.type) || this.#rng.chance(0.4))
        .map((arg) => `${arg.name}: ${this.#value(arg.type, arg.name, wild, 3)}`);
      const args = given.length > 0 ? `(${given.join(", ")})` : "";
      // every field has a name of its own: the same one with other arguments would be refused
      const head = `a${this.#aliases++}: ${field.name}${args}${this.#directive()}`;
      if (!isObjectType(named)) return head;
      const inner = this.#selection(named, depth - 1, this.#rng.int(1, 3), wild);
      return this.#rng.chance(0.1) ? `... on ${type.name} { ${head} ${inner} }` : `${head} ${inner}`;
    });
    return `{ ${texts.join(" ")} }`;
  }

  #directive(): string {
    return this.#rng.chance(0.05) ? ` @${this.#pick(["skip", "include"])}(if: ${this.#rng.chance(0.5)})` : "";
  }

  #value(type: GraphQLInputType, name: string, wild: number, depth: number): string {
    if (this.#rng.below(100) < wild) {
      return this.#pick([
        () => `"${this.#pick(ODD_TEXTS)}"`,
        () => this.#pick(ODD_NUMBERS),
        () => "null",
        () => "{}",
      ])();
    }
    if (isNonNullType(type)) return this.#value(type.ofType, name, 0, depth);
    if (isListType(type)) {
      const length = depth === 0 ? 0 : this.#rng.below(4);
      const list = Array.from({ length }, () => this.#value(type.ofType, name, wild, depth - 1));
      return `[${list.join(", ")}]`;
    }
    if (isInputObjectType(type)) {
      if (depth === 0) return "{}";
      const fields = Object.values(type.getFields());
      const chosen = new Set(Array.from({ length: this.#rng.int(1, 2) }, () => this.#pick(fields)));
      const texts = [...chosen].map(
        (field) => `${field.name}: ${this.#value(field.type, field.name, wild, depth - 1)}`,
      );
      return `{${texts.join(", ")}}`;
    }
    if (isEnumType(type)) return this.#pick(type.getValues()).name;
    return this.#scalar(getNamedType(type).name, name);
  }

  #scalar(type: string, name: string): string {
    switch (type) {
      case "Address":
        return `"${this.#pick(this.#addresses)}"`;
      case "Hex":
        return `"0x${"5a".repeat(32)}"`;
      case "Boolean":
        return String(this.#rng.chance(0.5));
      case "Int":
      case "Counter":
        return String(name === "first" || name === "last" ? this.#rng.int(0, 30) : this.#rng.below(7));
      case "String":
        return name === "after" || name === "before" ? "null" : '"a"';
      default:
        return `"${this.#rng.below(10 ** 6)}"`;
    }
  }
}
