import { rpcErrorNumber } from "./errors.ts";
import type { Json } from "./json.ts";
import type { Method } from "./method.ts";

/** The OpenRPC 1.3 document that `rpc.discover` answers. */
export function openRpcDocument(methods: readonly Method[], version: string): Json {
  const described = methods.map((method) => ({
    name: method.name,
    summary: method.summary,
    paramStructure: "either",
    params: Object.entries(method.params).map(([name, type]) => ({
      name,
      required: !("optional" in type),
      schema: type.schema,
    })),
    result: { name: "result", schema: method.result },
    ...(method.errors && {
      errors: method.errors.map((code) => ({ code: rpcErrorNumber(code), message: code, data: { code } })),
    }),
  }));
  return {
    openrpc: "1.3.2",
    info: {
      title: "flk node",
      version,
      description: "Amounts are decimal strings in base units, bytes are 0x hex.",
    },
    methods: described as unknown as Json,
  };
}
