import { cliError } from "../errors.ts";

/** A value of config.toml: `parse` gets what TOML held, or undefined, and the dotted key for messages. */
export interface Field<T> {
  parse(value: unknown, key: string): T;
}
export type Parsed<F> = F extends Field<infer T> ? T : never;

function wrong(key: string, problem: string): never {
  throw cliError("ERR_CONFIG", `${key}: ${problem}`, { key });
}

function field<T>(parse: (value: unknown, key: string) => T, fallback?: T): Field<T> {
  return {
    parse(value, key) {
      if (value !== undefined) return parse(value, key);
      return fallback === undefined ? wrong(key, "is missing") : fallback;
    },
  };
}

/** May be left out. */
export function optional<T>(inner: Field<T>): Field<T | undefined> {
  return { parse: (value, key) => (value === undefined ? undefined : inner.parse(value, key)) };
}

export function integer(range: { min: number; max: number }, fallback?: number): Field<number> {
  return field((value, key) => {
    if (typeof value !== "number" || !Number.isSafeInteger(value))
      return wrong(key, "must be a whole number");
    if (value < range.min || value > range.max)
      return wrong(key, `must be ${range.min} to ${range.max}, is ${value}`);
    return value;
  }, fallback);
}

export function port(fallback?: number): Field<number> {
  return integer({ min: 0, max: 65_535 }, fallback);
}

export function flag(fallback: boolean): Field<boolean> {
  return field((value, key) => {
    if (typeof value !== "boolean") return wrong(key, "must be true or false");
    return value;
  }, fallback);
}

export function text(fallback?: string): Field<string> {
  return field((value, key) => {
    if (typeof value !== "string" || value === "") return wrong(key, "must be a text");
    return value;
  }, fallback);
}

export function url(fallback?: string): Field<string> {
  return field((value, key) => {
    if (typeof value !== "string" || !isHttpUrl(value)) return wrong(key, "must be an http or https URL");
    return value;
  }, fallback);
}

export function postgresUrl(): Field<string> {
  return field((value, key) => {
    if (typeof value !== "string" || !/^postgres(ql)?:\/\/./.test(value) || !URL.canParse(value))
      return wrong(key, "must be a postgres:// URL");
    return value;
  });
}

/** Of web pages: scheme, host and port, or "*" for any. */
export function origin(): Field<string> {
  return field((value, key) => {
    if (value === "*" || (typeof value === "string" && isHttpUrl(value) && new URL(value).origin === value))
      return value;
    return wrong(key, 'must be "*" or an origin such as https://example.org');
  });
}

export function isHttpUrl(value: string): boolean {
  return URL.canParse(value) && /^https?:$/.test(new URL(value).protocol);
}

export function address(): Field<`0x${string}`> {
  return field((value, key) => {
    if (typeof value !== "string" || !/^0x[0-9a-fA-F]{40}$/.test(value))
      return wrong(key, "must be a 0x address");
    return value as `0x${string}`;
  });
}

export function list<T>(item: Field<T>, range: { min: number; max: number }, fallback?: T[]): Field<T[]> {
  return field((value, key) => {
    if (!Array.isArray(value)) return wrong(key, "must be a list");
    if (value.length < range.min || value.length > range.max) {
      return wrong(key, `must have ${range.min} to ${range.max} entries`);
    }
    return value.map((entry, i) => item.parse(entry, `${key}[${i}]`));
  }, fallback);
}

/** What may be undefined may be absent. */
type WithOptional<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: T[K];
};

type Table<F> = WithOptional<{ [K in keyof F]: Parsed<F[K]> }>;

/** A TOML table; a key that is not in `fields` is refused, so that a typing error is never silently ignored. */
export function table<F extends Record<string, Field<unknown>>>(fields: F): Field<Table<F>> {
  return {
    parse(value, key) {
      const given = value === undefined ? {} : value;
      if (typeof given !== "object" || given === null || Array.isArray(given) || given instanceof Date) {
        return wrong(key, "must be a table");
      }
      const path = (name: string): string => (key === "" ? name : `${key}.${name}`);
      for (const name of Object.keys(given)) {
        if (!Object.hasOwn(fields, name)) wrong(path(name), "is not a known setting");
      }
      const entries = Object.entries(fields).map(([name, inner]): [string, unknown] => [
        name,
        inner.parse((given as Record<string, unknown>)[name], path(name)),
      ]);
      return Object.fromEntries(entries) as Table<F>;
    },
  };
}
