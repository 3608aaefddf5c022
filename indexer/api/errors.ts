import { GraphQLError } from "graphql";
import type { IndexerErrorCode } from "../errors.ts";

/** An error that the asker may read; anything else is masked. */
export function queryError(code: IndexerErrorCode, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code } });
}
