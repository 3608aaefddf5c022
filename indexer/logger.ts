type Fields = Record<string, string | number | bigint | boolean | null | undefined>;

/** What the indexer logs to; the node's logger fits. */
export interface IndexerLogger {
  debug(event: string, fields?: Fields): void;
  info(event: string, fields?: Fields): void;
  warn(event: string, fields?: Fields): void;
  error(event: string, fields?: Fields): void;
}
