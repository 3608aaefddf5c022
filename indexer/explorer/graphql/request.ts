/** What the API or the way to it refused, with its code. */
export class RequestError extends Error {
  readonly code: string;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** A query with the types of what it asks for and of its variables. */
export interface Document<Data, Variables> {
  text: string;
  /** only for the types */
  readonly data?: Data;
  readonly variables?: Variables;
}

export function document<Data, Variables = Record<string, never>>(text: string): Document<Data, Variables> {
  return { text };
}

interface Answer<Data> {
  data?: Data | null;
  errors?: { message?: string; extensions?: { code?: string } }[];
}

const TIMEOUT_MS = 20_000;

/** @throws RequestError, and an AbortError once `signal` aborts */
export async function request<Data, Variables>(
  { text }: Document<Data, Variables>,
  variables: Variables,
  signal?: AbortSignal,
): Promise<Data> {
  const limit = AbortSignal.timeout(TIMEOUT_MS);
  let answer: Answer<Data>;
  try {
    const response = await fetch("/graphql", {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/graphql-response+json" },
      body: JSON.stringify({ query: text, variables }),
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    });
    answer = (await response.json()) as Answer<Data>;
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new RequestError("ERR_UNREACHABLE", "the indexer does not answer", { cause });
  }
  const [error] = answer.errors ?? [];
  if (error) throw new RequestError(error.extensions?.code ?? "ERR_UNKNOWN", error.message ?? "refused");
  if (!answer.data) throw new RequestError("ERR_UNKNOWN", "an answer without data");
  return answer.data;
}
