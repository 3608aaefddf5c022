import type { ChainView, TransactionPool } from "#node/interface/chain-view.ts";
import type { EvidenceSource } from "#node/interface/evidence.ts";
import type { Json } from "./json.ts";
import type { ParamType } from "./params.ts";

export interface RpcContext {
  chain: ChainView;
  pool: TransactionPool;
  evidence: EvidenceSource;
}

export interface Method {
  name: string;
  summary: string;
  params: Readonly<Record<string, ParamType<unknown>>>;
  /** JSON schema of the result */
  result: Record<string, unknown>;
  call(context: RpcContext, params: Record<string, unknown>): Json | Promise<Json>;
}

type Values<Types> = { [Name in keyof Types]: Types[Name] extends ParamType<infer Value> ? Value : never };

/** Ties the parameters that a method declares to the types that its body sees. */
export function method<Types extends Readonly<Record<string, ParamType<unknown>>>>(definition: {
  name: string;
  summary: string;
  params: Types;
  result: Record<string, unknown>;
  call(context: RpcContext, params: Values<Types>): Json | Promise<Json>;
}): Method {
  return { ...definition, call: (context, params) => definition.call(context, params as Values<Types>) };
}

export const STRING = { type: "string" };
export const AMOUNT = { type: "string", pattern: "^[0-9]+$" };
export const INTEGER = { type: "integer", minimum: 0 };
export const HEX = { type: "string", pattern: "^0x[0-9a-f]*$" };
export const OBJECT = { type: "object" };
export const listOf = (items: Record<string, unknown>) => ({ type: "array", items });
export const orNull = (schema: Record<string, unknown>) => ({ oneOf: [schema, { type: "null" }] });
