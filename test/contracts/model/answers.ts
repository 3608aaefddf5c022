import {
  type AbiFunction,
  type AbiParameter,
  concat,
  decodeAbiParameters,
  decodeErrorResult,
  encodeAbiParameters,
  toFunctionSelector,
} from "viem";
import type { Hex } from "#protocol/types/hex.ts";
import type { Refusal } from "./ledger.ts";
import { at } from "./ledger.ts";
import type { Call } from "./views.ts";

/** What a contract said: one value, or all as an array; or why it refused. */
export interface Answer {
  result: unknown;
  refusal: Refusal;
}

interface Reply {
  id: number;
  result?: Hex;
  error?: { message: string; data?: Hex };
}

/** Asks all in one request: one each, and what a client library does for it, would take most of the time of the walks. */
export async function ask(rpcUrl: string, calls: Call[]): Promise<Answer[]> {
  const requests = calls.map((call, id) => {
    const params = [{ to: call.address, data: encode(call) }, "latest"];
    return { jsonrpc: "2.0", id, method: "eth_call", params };
  });
  const headers = { "content-type": "application/json" };
  const response = await fetch(rpcUrl, { method: "POST", headers, body: JSON.stringify(requests) });
  const replies = (await response.json()) as Reply[];
  const ordered = replies.sort((a, b) => a.id - b.id);
  return calls.map((call, id) => decode(call, at(ordered, id)));
}

interface Signature {
  selector: Hex;
  inputs: readonly AbiParameter[];
  outputs: readonly AbiParameter[];
}

const signatures = new Map<string, Signature>();

/** None of the functions asked has overloads. */
function signatureOf({ address, abi, functionName }: Call): Signature {
  const name = `${address} ${functionName}`;
  const known = signatures.get(name);
  if (known) return known;
  const isAsked = (item: (typeof abi)[number]): item is AbiFunction =>
    item.type === "function" && item.name === functionName;
  const { inputs, outputs, ...rest } = at(abi.filter(isAsked), 0);
  const signature = { selector: toFunctionSelector({ inputs, outputs, ...rest }), inputs, outputs };
  signatures.set(name, signature);
  return signature;
}

function encode(call: Call): Hex {
  const { selector, inputs } = signatureOf(call);
  return inputs.length === 0 ? selector : concat([selector, encodeAbiParameters(inputs, call.args)]);
}

function decode(call: Call, { result, error }: Reply): Answer {
  if (result !== undefined) {
    const values = decodeAbiParameters(signatureOf(call).outputs, result);
    return { result: values.length === 1 ? values[0] : values, refusal: undefined };
  }
  if (!error?.data) throw new Error(`${call.functionName} failed: ${error?.message}`);
  const refusal = decodeErrorResult({ abi: call.abi, data: error.data }).errorName;
  return { result: undefined, refusal };
}
