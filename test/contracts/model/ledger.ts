/**
 * What the ledgers share. They are written from docs/spec/contracts.md and not from the contracts. A method returns the name of the error that
 * its call must revert with, or changes the books and returns nothing.
 */
export type Refusal = string | undefined;

export function at<T>(list: readonly T[], index: number): T {
  const found = list[index];
  if (found === undefined) throw new RangeError(`no entry ${index} of ${list.length}`);
  return found;
}

export function ceilDiv(a: bigint, b: bigint): bigint {
  return (a + b - 1n) / b;
}
