import type { Server } from "node:http";
import { type ExecutionArgs, GraphQLError } from "graphql";
import { useServer } from "graphql-ws/use/ws";
import type { YogaServerInstance } from "graphql-yoga";
import { WebSocketServer } from "ws";
import type { ApiContext } from "./context.ts";

/** ms for clients to say goodbye when the server stops */
const GOODBYE_MS = 1_000;

type Enveloped = ReturnType<YogaServerInstance<Record<never, never>, ApiContext>["getEnveloped"]>;

/** GraphQL over WebSocket (graphql-transport-ws) on the path of `server`, with the plugins of `yoga`. Resolves once all is closed. */
export function serveWebSockets(
  server: Server,
  yoga: YogaServerInstance<Record<never, never>, ApiContext>,
  limits: { path: string; maxPayload: number },
): () => Promise<void> {
  const sockets = new WebSocketServer({ server, ...limits });
  const { dispose } = useServer(
    {
      execute: (args) => told(() => (args.rootValue as Enveloped).execute(args)),
      subscribe: (args) => told(() => (args.rootValue as Enveloped).subscribe(args)),
      onSubscribe: async ({ extra }, _id, params) => {
        const enveloped = yoga.getEnveloped({ req: extra.request, socket: extra.socket, params });
        const { schema, parse, validate, contextFactory } = enveloped;
        const document = parse(params.query);
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

/** What a plugin refuses is an answer here, as it is over HTTP; anything else ends the connection. */
async function told<T>(run: () => T | Promise<T>): Promise<T | { errors: GraphQLError[] }> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof GraphQLError) return { errors: [error] };
    throw error;
  }
}
