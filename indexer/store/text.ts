import { customType } from "drizzle-orm/pg-core";

/** UTF-16 units that are stored of one text; the contracts allow less. */
export const MAX_TEXT = 2048;

/** The same of what proposals say, and of arguments of events. */
export const MAX_LONG_TEXT = 65_536;

/** Text that PostgreSQL takes: bounded, with U+FFFD for NUL and for lone surrogates. */
export function cleanText(text: string, limit = MAX_TEXT): string {
  return text.slice(0, limit).toWellFormed().replaceAll("\u0000", "\ufffd");
}

/** Text that anyone may have written to the L2: cleaned on its way into the database, because a refused row would stop the indexer. */
export const freeText = customType<{ data: string; driverData: string }>({
  dataType: () => "text",
  toDriver: (text) => cleanText(text),
});

export const longText = customType<{ data: string; driverData: string }>({
  dataType: () => "text",
  toDriver: (text) => cleanText(text, MAX_LONG_TEXT),
});
