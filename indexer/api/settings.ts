/** What an operator may decide about the API. */
export interface ApiSettings {
  /** whether anybody may ask for the schema, also at /schema.graphql */
  introspection: boolean;
  /** the editor that browsers get at /graphql */
  graphiql: boolean;
  /** origins whose pages may read answers; "*" is any */
  corsOrigins: readonly string[];
  /** of one address; 0: as many as it likes */
  requestsPerMinute: number;
  /** the address is the last in X-Forwarded-For: only behind a proxy that sets it */
  trustProxy: boolean;
  /** documents that are asked for by their hash (SHA-256, hex) */
  persisted: ReadonlyMap<string, string>;
  /** nothing but these is answered */
  persistedOnly: boolean;
  /** ms until a query is answered with an error */
  queryTimeoutMs: number;
}

export const DEFAULT_API: ApiSettings = {
  introspection: true,
  graphiql: true,
  corsOrigins: ["*"],
  requestsPerMinute: 0,
  trustProxy: false,
  persisted: new Map(),
  persistedOnly: false,
  queryTimeoutMs: 30_000,
};
