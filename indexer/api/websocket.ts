import type { Server } from "node:http";
import { type DocumentNode, type ExecutionArgs, GraphQLError } from "graphql";
import { useServer } from "graphql-ws/use/ws";
import type { YogaServerInstance } from "graphql-yoga";
import { WebSocketServer } from "ws";
import type { ApiContext } from "./context.ts";
import { queryError } from "./errors.ts";
import { assertPersisted } from "./persisted.ts";
import type { RateLimit } from "./rate-limit.ts";
import type { ApiSettings } from "./settings.ts";

/** ms for clients to say goodbye when the server stops */
const GOODBYE_MS = 1_000;

type Enveloped = ReturnType<YogaServerInstance<Record<never, never>, ApiContext>["getEnveloped"]>;

/** GraphQL over WebSocket (graphql-transport-ws) on the path of `server`, with the plugins of `yoga`. Resolves once all is closed. */
export function serveWebSockets(
  server: Server,
  yoga: YogaServerInstance<Record<never, never>, ApiContext>,
  limits: { path: string; maxPayload: number },
  { settings, limit }: { settings: ApiSettings; limit: RateLimit },
): () => Promise<void> {
  const sockets = new WebSocketServer({ server, ...limits });
  const { dispose } = useServer(
    {
      execute: (args) => told(() => (args.rootValue as Enveloped).execute(args)),
      subscribe: (args) => told(() => (args.rootValue as Enveloped).subscribe(args)),
      onSubscribe: async ({ extra }, _id, params) => {
        const enveloped = yoga.getEnveloped({ req: extra.request, socket: extra.socket, params });
        const { schema, parse, validate, contextFactory } = enveloped;
        const wait = await limit.refuses(extra.request);
        if (wait !== undefined)
          return [queryError("ERR_RATE_LIMIT", `too many requests: ask again in ${wait} s`)];
        const document = read(() => {
          assertPersisted(params.query, settings);
          return parse(params.query) as DocumentNode;
        });
        if (Array.isArray(document)) return document;
        const errors = validate(schema, document);
        if (errors.length > 0) return errors;
        const args: ExecutionArgs = {
          schema,
          document,
          operationName: params.operationName ?? null,
          variableValues: params.variables ?? null,
          contextValue: await contextFactory(),
          rootValue: enveloped,
        };
        return args;
      },
    },
    sockets,
  );
  return async () => {
    const patience = setTimeout(() => {
      for (const socket of sockets.clients) socket.terminate();
    }, GOODBYE_MS);
    await dispose();
    clearTimeout(patience);
  };
}

/** A document that does not parse, or is not known here, is an answer too. */
function read(parse: () => DocumentNode): DocumentNode | GraphQLError[] {
  try {
    return parse();
  } catch (error) {
    if (error instanceof GraphQLError) return [error];
    throw error;
  }
}

/** What a plugin refuses is an answer here, as it is over HTTP; anything else ends the connection. */
async function told<T>(run: () => T | Promise<T>): Promise<T | { errors: GraphQLError[] }> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof GraphQLError) return { errors: [error] };
    throw error;
  }
}
