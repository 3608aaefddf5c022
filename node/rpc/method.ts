import type { ChainView, TransactionPool } from "#node/interface/chain-view.ts";
import type { EvidenceSource } from "#node/interface/evidence.ts";
import type { Json } from "./json.ts";
import type { ParamType } from "./params.ts";
import type { Schema } from "./schemas.ts";

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
  result: Schema;
  /** codes beside those that every method may answer with */
  errors?: readonly string[];
  call(context: RpcContext, params: Record<string, unknown>): Json | Promise<Json>;
}

type Values<Types> = { [Name in keyof Types]: Types[Name] extends ParamType<infer Value> ? Value : never };

/** Ties the parameters that a method declares to the types that its body sees. */
export function method<Types extends Readonly<Record<string, ParamType<unknown>>>>(definition: {
  name: string;
  summary: string;
  params: Types;
  result: Schema;
  errors?: readonly string[];
  call(context: RpcContext, params: Values<Types>): Json | Promise<Json>;
}): Method {
  return { ...definition, call: (context, params) => definition.call(context, params as Values<Types>) };
}
