import { FlkError } from "#protocol/errors/error.ts";

/** Codes of the keystore. Append only. */
type KeystoreErrorCode =
  | "ERR_KEYSTORE_MISSING"
  | "ERR_KEYSTORE_PASSWORD"
  | "ERR_KEYSTORE_CORRUPT"
  | "ERR_KEYSTORE_EXISTS"
  | "ERR_KEYSTORE_IO";

type Data = ConstructorParameters<typeof FlkError>[2];

export function keystoreError(
  code: KeystoreErrorCode,
  message: string,
  data?: Data,
  options?: ErrorOptions,
): FlkError<KeystoreErrorCode> {
  return new FlkError(code, message, data, options);
}
