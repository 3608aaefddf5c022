import assert from "node:assert/strict";
import type { Abi } from "viem";
import type { Hex } from "#protocol/types/hex.ts";
import type { Answer } from "./answers.ts";
import type { Refusal } from "./ledger.ts";

/** A call as viem takes it. */
export interface Call {
  address: Hex;
  abi: Abi;
  functionName: string;
  args: readonly unknown[];
}

/** What a contract must say. */
export interface View extends Call {
  expected: unknown;
  refusal: Refusal;
  /** only what is expected counts of the fields */
  partial: boolean;
}

type Contract = Pick<Call, "address" | "abi">;

export function view(contract: Contract, functionName: string, args: unknown[], expected: unknown): View {
  return { ...contract, functionName, args, expected, refusal: undefined, partial: false };
}

export function partly(contract: Contract, functionName: string, args: unknown[], expected: object): View {
  return { ...view(contract, functionName, args, expected), partial: true };
}

/** Of a call that must revert. */
export function refused(contract: Contract, functionName: string, args: unknown[], refusal: string): View {
  return { ...view(contract, functionName, args, undefined), refusal };
}

export function assertSaid(view: View, said: Answer): void {
  const name = `${view.functionName}(${view.args})`;
  assert.equal(said.refusal, view.refusal, name);
  if (view.partial) assert.partialDeepStrictEqual(said.result, view.expected, name);
  else assert.deepEqual(said.result, view.expected, name);
}
