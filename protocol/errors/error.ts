/** Every failure that leaves a part carries a stable code; messages may change, codes may not. */
export class FlkError<Code extends string = string> extends Error {
  readonly code: Code;
  readonly data: Readonly<Record<string, string | number | bigint | boolean | null>>;

  constructor(
    code: Code,
    message: string,
    data: Record<string, string | number | bigint | boolean | null> = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = "FlkError";
    this.code = code;
    this.data = data;
  }
}

export function isFlkError(error: unknown, code?: string): error is FlkError {
  return error instanceof FlkError && (code === undefined || error.code === code);
}

/** The code of any thrown value; `ERR_INTERNAL` for what is not ours. */
export function errorCode(error: unknown): string {
  return error instanceof FlkError ? error.code : "ERR_INTERNAL";
}
