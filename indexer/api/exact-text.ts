/** JSON of a value that may hold bigints: those end with an n. */
export function exactText(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => (typeof inner === "bigint" ? `${inner}n` : inner));
}
