/** Codes of the database. Append only. */
export const STORE_ERRORS = ["ERR_STORE", "ERR_STORE_LOCKED"] as const;
export type StoreErrorCode = (typeof STORE_ERRORS)[number];
