import { FlkError } from "#protocol/errors/error.ts";

/** Codes of the database. Append only. */
type StoreErrorCode = "ERR_STORE" | "ERR_STORE_LOCKED";

type Data = ConstructorParameters<typeof FlkError>[2];

export function storeError(
  code: StoreErrorCode,
  message: string,
  data?: Data,
  options?: ErrorOptions,
): FlkError<StoreErrorCode> {
  return new FlkError(code, message, data, options);
}
