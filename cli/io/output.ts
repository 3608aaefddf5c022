/** What a command prints: data on stdout, progress on stderr. With `json`, stdout is JSON alone. */
export interface Output {
  readonly json: boolean;
  /** One JSON line, or the given lines for people. */
  data(value: unknown, lines: string[]): void;
  progress(line: string): void;
}

export function createOutput(options: { json?: boolean | undefined }): Output {
  const json = options.json === true;
  return {
    json,
    data(value, lines) {
      process.stdout.write(json ? `${toJson(value)}\n` : lines.map((line) => `${line}\n`).join(""));
    },
    progress(line) {
      process.stderr.write(`${line}\n`);
    },
  };
}

/** One line; bigints as decimal strings. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === "bigint" ? inner.toString() : inner,
  );
}
