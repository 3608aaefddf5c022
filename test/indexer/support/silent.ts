import type { IndexerLogger } from "#indexer/logger.ts";

const nothing = () => undefined;
export const SILENT: IndexerLogger = { debug: nothing, info: nothing, warn: nothing, error: nothing };
