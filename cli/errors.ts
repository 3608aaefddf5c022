import { FlkError } from "#protocol/errors/error.ts";
import { hostsOnly } from "#protocol/errors/hosts-only.ts";

/** Codes of the command line and of the local network; the parts bring their own. */
export const CLI_CODES = [
  "ERR_USAGE",
  "ERR_INTERNAL",
  "ERR_INTERRUPTED",
  "ERR_CONFIG",
  "ERR_CONFIG_MISSING",
  "ERR_CONFIG_EXISTS",
  "ERR_PASSWORD_MISSING",
  "ERR_KEYSTORE_MISSING",
  "ERR_KEYSTORE_CORRUPT",
  "ERR_CONTENT_EMPTY",
  "ERR_AMOUNT",
  "ERR_ADDRESS",
  "ERR_NOT_REGISTERED",
  "ERR_REGISTRATION_FILE",
  "ERR_L2_CHAIN_ID",
  "ERR_L2_UNREACHABLE",
  "ERR_NODE_RPC",
  "ERR_TX_REJECTED",
  "ERR_FAUCET",
  "ERR_LANE_FILE",
  "ERR_CALL",
  "ERR_PROPOSAL_FILE",
  "ERR_INPUT_FILE",
  "ERR_EVIDENCE",
  "ERR_NO_LOT",
  "ERR_OUTPUT_FILE",
  "ERR_NOT_FROZEN",
  "ERR_PROPOSAL_ID",
  "ERR_DEPLOYMENT",
  "ERR_NOT_DELIVERED",
  "ERR_PORT_IN_USE",
  "ERR_PROCESS",
  "ERR_DEVNET_TIMEOUT",
  "ERR_DEVNET_DIR",
  "ERR_DEVNET_OUTPUT",
  "ERR_AUDIT",
  "ERR_FILE",
  "ERR_WATCH_ALARM",
] as const;
export type CliCode = (typeof CLI_CODES)[number];

/** What was typed cannot be meant, whatever the network says. */
const USAGE_CODES: readonly string[] = [
  "ERR_USAGE",
  "ERR_AMOUNT",
  "ERR_ADDRESS",
  "ERR_CALL",
] satisfies CliCode[];

export function isUsageError(error: unknown): boolean {
  return error instanceof FlkError && USAGE_CODES.includes(error.code);
}

type Data = Record<string, string | number | bigint | boolean | null>;

/** Of a parser's failure, no cause: its message quotes the text, and there may be keys in it. */
export function cliError(
  code: CliCode,
  message: string,
  data: Data = {},
  cause?: unknown,
): FlkError<CliCode> {
  const shown = cause === undefined || cause instanceof SyntaxError ? undefined : { cause };
  return new FlkError(code, message, data, shown);
}

/** The one line that a user sees of any failure. */
export function errorLine(error: unknown): string {
  return hostsOnly(`error ${codeAndReason(error)}`);
}

function codeAndReason(error: unknown): string {
  if (error instanceof FlkError) return `${error.code}: ${error.message}`;
  if (isFileError(error)) return `ERR_FILE: ${error.message}`;
  return `ERR_INTERNAL: ${error instanceof Error ? firstLine(error.message) : String(error)}`;
}

/** Of a file or folder, by the operating system: such as one that may not be written. */
function isFileError(error: unknown): error is Error & { path: string } {
  return error instanceof Error && "syscall" in error && "path" in error && typeof error.path === "string";
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? "";
}
