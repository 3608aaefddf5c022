import type { IncomingMessage, Server } from "node:http";
import { type DocumentNode, type ExecutionArgs, GraphQLError } from "graphql";
import type { SubscribePayload } from "graphql-ws";
import { useServer } from "graphql-ws/use/ws";
import { WebSocketServer } from "ws";
import type { IndexerMetrics } from "../metrics.ts";
import type { Yoga } from "./context.ts";
import { queryError } from "./errors.ts";
import { mayConnect } from "./origins.ts";
import { assertPersisted } from "./persisted.ts";
import type { RateLimit } from "./rate-limit.ts";
import type { ApiSettings } from "./settings.ts";
import { watchDocument } from "./watch.ts";

/** ms for clients to say goodbye when the server stops */
const GOODBYE_MS = 1_000;

type Enveloped = ReturnType<Yoga["getEnveloped"]>;

interface Rules {
  settings: ApiSettings;
  limit: RateLimit;
  /** none: nothing is counted */
  metrics: IndexerMetrics | undefined;
}

/** GraphQL over WebSocket (graphql-transport-ws) on the path of `server`, with the plugins of `yoga`. Resolves once all is closed. */
export function serveWebSockets(
  server: Server,
  yoga: Yoga,
  limits: { path: string; maxPayload: number },
  { settings, limit, metrics }: Rules,
): () => Promise<void> {
  const sockets = new WebSocketServer({
    server,
    ...limits,
    verifyClient: ({ req }, answer) => answer(mayConnect(req, settings), 403),
  });
  /** What is to run, or why it is not. */
  async function admit(
    enveloped: Enveloped,
    { query, operationName, variables }: SubscribePayload,
    request: IncomingMessage,
  ): Promise<ExecutionArgs | readonly GraphQLError[]> {
    const { schema, parse, validate, contextFactory } = enveloped;
    const wait = await limit.refuses(request);
    if (wait !== undefined)
      return [queryError("ERR_RATE_LIMIT", `too many requests: ask again in ${wait} s`)];
    const document = read(() => {
      assertPersisted(query, settings);
      return parse(query) as DocumentNode;
    });
    if (Array.isArray(document)) return document;
    const errors = validate(schema, document);
    if (errors.length > 0) return errors;
    return {
      schema,
      document,
      operationName: operationName ?? null,
      variableValues: variables ?? null,
      contextValue: await contextFactory(),
      rootValue: enveloped,
    };
  }
  const { dispose } = useServer(
    {
      execute: (args) => told(() => (args.rootValue as Enveloped).execute(args)),
      subscribe: (args) => told(() => (args.rootValue as Enveloped).subscribe(args)),
      onSubscribe: async ({ extra }, _id, params) => {
        const enveloped = yoga.getEnveloped({ req: extra.request, socket: extra.socket, params });
        const read = await admit(enveloped, params, extra.request);
        if (metrics) watchDocument(metrics, Array.isArray(read) ? "refused" : "run");
        return read;
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
