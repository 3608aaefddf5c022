import { type AbiFunction, decodeFunctionData, encodeFunctionData, toFunctionSignature } from "viem";
import type { GovernanceCall } from "#client/actions/propose.ts";
import type { Hex } from "#protocol/types/hex.ts";
import type { L2Config } from "../config/schema.ts";
import { cliError } from "../errors.ts";
import { toJson } from "../io/output.ts";
import { readArgument } from "./arguments.ts";
import { contractAt, type GovernedContract, governedContract } from "./contracts.ts";

type Contracts = L2Config["contracts"];

/** A call as people write it. */
export interface WrittenCall {
  /** CONTRACT.function, or CONTRACT.function(types) where there are several of that name */
  call: string;
  args: readonly unknown[];
  /** wei of ETH */
  value?: bigint;
}

/** @throws ERR_CALL unless the contract has such a function that changes state, and the arguments are of its types */
export function encodeCall(contracts: Contracts, written: WrittenCall): GovernanceCall {
  const [, name, signature] = /^(\w+)\.(\w+(?:\(.*\))?)$/.exec(written.call) ?? [];
  if (!name || !signature) {
    throw cliError(
      "ERR_CALL",
      `not a call: ${written.call} (CONTRACT.function, such as parameters.setMinStake)`,
      {
        call: written.call,
      },
    );
  }
  const contract = governedContract(contracts, name);
  const fn = functionOf(contract, signature, written.args.length);
  const args = fn.inputs.map((input, i) =>
    readArgument(input, written.args[i], `${written.call}: ${input.name || `argument ${i + 1}`}`),
  );
  const data = encodeFunctionData({ abi: [fn], functionName: fn.name, args });
  return { target: contract.address, value: written.value ?? 0n, data };
}

function functionOf({ name, abi }: GovernedContract, signature: string, count: number): AbiFunction {
  const actions = abi.filter(
    (entry): entry is AbiFunction =>
      entry.type === "function" &&
      (entry.stateMutability === "nonpayable" || entry.stateMutability === "payable"),
  );
  const named = actions.filter((entry) => [entry.name, toFunctionSignature(entry)].includes(signature));
  const fitting = named.filter(({ inputs }) => inputs.length === count);
  const [first] = fitting;
  if (first && fitting.length === 1) return first;
  throw cliError("ERR_CALL", unfit(name, signature, { actions, named, fitting }, count), { call: signature });
}

function unfit(
  contract: string,
  signature: string,
  found: { actions: AbiFunction[]; named: AbiFunction[]; fitting: AbiFunction[] },
  count: number,
): string {
  const list = (functions: AbiFunction[]): string => functions.map(toFunctionSignature).sort().join(", ");
  if (found.named.length === 0) {
    return `${contract} has no function ${signature} that changes state; it has ${list(found.actions)}`;
  }
  if (found.fitting.length > 1)
    return `${contract}.${signature} is one of ${list(found.fitting)}: write the types`;
  return `${contract}.${signature} takes other arguments than ${count}: ${list(found.named)}`;
}

/** A call for people: parameters.setMinStake(2000), or target and data where they are not of this network. */
export function describeCall(contracts: Contracts, { target, data, value }: GovernanceCall): string {
  const contract = contractAt(contracts, target);
  const money = value > 0n ? ` with ${value} wei` : "";
  return `${contract ? decoded(contract, data) : `${target} ${data}`}${money}`;
}

function decoded({ name, abi }: GovernedContract, data: Hex): string {
  try {
    const { functionName, args = [] } = decodeFunctionData({ abi, data });
    return `${name}.${functionName}(${args.map((arg) => (typeof arg === "bigint" ? arg : toJson(arg))).join(", ")})`;
  } catch {
    return `${name} ${data}`;
  }
}
