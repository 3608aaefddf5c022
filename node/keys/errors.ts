/** Codes of the keystore. Append only. */
export const KEYSTORE_ERRORS = [
  "ERR_KEYSTORE_MISSING",
  "ERR_KEYSTORE_PASSWORD",
  "ERR_KEYSTORE_CORRUPT",
  "ERR_KEYSTORE_EXISTS",
  "ERR_KEYSTORE_IO",
] as const;
export type KeystoreErrorCode = (typeof KEYSTORE_ERRORS)[number];
