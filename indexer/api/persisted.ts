import { createHash } from "node:crypto";
import { usePersistedOperations } from "@graphql-yoga/plugin-persisted-operations";
import type { Plugin } from "graphql-yoga";
import { queryError } from "./errors.ts";
import type { ApiSettings } from "./settings.ts";

/** Answers documents by their hash, in the form of Apollo's persisted queries. */
export function persistedPlugin({ persisted, persistedOnly }: ApiSettings): Plugin {
  return usePersistedOperations({
    getPersistedOperation: (hash) => persisted.get(hash) ?? null,
    allowArbitraryOperations: !persistedOnly,
    customErrors: {
      notFound: () => queryError("ERR_QUERY_NOT_PERSISTED", "no document with this hash is known here"),
      // without a text and without a hash
      keyNotFound: () =>
        persistedOnly
          ? queryError("ERR_QUERY_NOT_PERSISTED", NAMED_ONLY)
          : queryError(
              "ERR_QUERY_ARGUMENT",
              "there is no query: send its text, or the hash of one that is known",
            ),
      persistedQueryOnly: () => queryError("ERR_QUERY_NOT_PERSISTED", NAMED_ONLY),
    },
  });
}

const NAMED_ONLY = "only documents that this indexer knows are answered: ask by their hash";

/** Over WebSocket a document always comes as text. @throws ERR_QUERY_NOT_PERSISTED */
export function assertPersisted(text: string, { persisted, persistedOnly }: ApiSettings): void {
  if (!persistedOnly || persisted.has(createHash("sha256").update(text).digest("hex"))) return;
  throw queryError("ERR_QUERY_NOT_PERSISTED", NAMED_ONLY);
}
