import { FlkError } from "#protocol/errors/error.ts";
import { causeWithout, clientError } from "../errors.ts";

/** One question to an indexer: what it answers, and what it has to be given. */
export interface IndexerQuery<Result, Variables> {
  readonly text: string;
  /** of the text, hex: indexers that know it answer without the text */
  readonly sha256: string;
  /** of types only */
  readonly answers?: (variables: Variables) => Result;
}

export interface IndexerClientOptions {
  /** of the GraphQL endpoint */
  url: string;
  /** sends the hash in place of the text: for indexers that take nothing else */
  persisted?: boolean;
  fetch?: typeof fetch;
}

export interface IndexerClient {
  /**
   * @throws ERR_INDEXER_UNREACHABLE, ERR_INDEXER_RESPONSE, or with the code that the indexer gave, such as ERR_QUERY_TOO_COSTLY
   */
  query<Result, Variables>(
    query: IndexerQuery<Result, Variables>,
    ...variables: Variables extends Record<string, never> ? [] : [Variables]
  ): Promise<Result>;
}

interface Answer {
  data?: unknown;
  errors?: { message?: unknown; extensions?: { code?: unknown } }[];
}

/** Asks an indexer what `flk/client` has queries for (`client/queries/documents.graphql`). */
export function createIndexerClient({
  url,
  persisted = false,
  fetch: send = fetch,
}: IndexerClientOptions): IndexerClient {
  return {
    async query<Result>(query: IndexerQuery<Result, never>, variables?: unknown): Promise<Result> {
      const hash = { extensions: { persistedQuery: { version: 1, sha256Hash: query.sha256 } } };
      const body = { variables, ...(persisted ? hash : { query: query.text }) };
      const { data, errors } = await post(send, url, JSON.stringify(body));
      const [first] = errors ?? [];
      if (first) {
        const code =
          typeof first.extensions?.code === "string" ? first.extensions.code : "ERR_INDEXER_RESPONSE";
        throw new FlkError(code, `the indexer says: ${String(first.message)}`);
      }
      if (typeof data !== "object" || data === null) {
        throw clientError("ERR_INDEXER_RESPONSE", "the answer of the indexer has no data");
      }
      return data as Result;
    },
  };
}

async function post(send: typeof fetch, url: string, body: string): Promise<Answer> {
  const headers = { "content-type": "application/json", accept: "application/json" };
  let response: Response;
  try {
    response = await send(url, { method: "POST", headers, body });
  } catch (cause) {
    throw clientError("ERR_INDEXER_UNREACHABLE", "the indexer does not answer", {}, causeWithout(url, cause));
  }
  try {
    return (await response.json()) as Answer;
  } catch (cause) {
    throw clientError("ERR_INDEXER_RESPONSE", "the indexer answers with no JSON", {}, { cause });
  }
}
