import { GraphQLError } from "graphql";
import type { IndexerLogger } from "../logger.ts";

/** Errors of ours and of GraphQL itself pass with a code; what else happens inside is logged and not told. */
export function maskError(error: unknown, logger: IndexerLogger): Error {
  if (!(error instanceof GraphQLError)) {
    logger.error("query_failed", { code: "ERR_INTERNAL", message: String(error) });
    return new GraphQLError("internal error", { extensions: { code: "ERR_INTERNAL" } });
  }
  const original = error.originalError;
  if (!original || original instanceof GraphQLError) {
    return error.extensions.code === undefined ? withCode(error, error.message, "ERR_QUERY_ARGUMENT") : error;
  }
  logger.error("query_failed", { code: "ERR_INTERNAL", message: `${original.message}${reasonOf(original)}` });
  return withCode(error, "internal error", "ERR_INTERNAL");
}

function reasonOf(error: Error): string {
  return error.cause instanceof Error ? `: ${error.cause.message}` : "";
}

function withCode({ nodes, path }: GraphQLError, message: string, code: string): GraphQLError {
  return new GraphQLError(message, { nodes: nodes ?? null, path: path ?? null, extensions: { code } });
}
