import { BaseError } from "viem";
import { FlkError, isFlkError } from "#protocol/errors/error.ts";
import { hostsOnly } from "#protocol/errors/hosts-only.ts";

/** Codes of a deployment. Append only. */
type DeployErrorCode =
  /** Ignition or the L2 refused; the message has their word */
  | "ERR_DEPLOY"
  /** nobody to deploy with, or a publicly known development account on another chain than a development node's */
  | "ERR_DEPLOY_ACCOUNT"
  /** an address or key that is none; never shows a key */
  | "ERR_DEPLOY_INPUT"
  /** the parameters file cannot be used; `data.key` names the entry */
  | "ERR_DEPLOY_PARAMETERS"
  /** on this chain, a choice must be made that only a development chain has a default for */
  | "ERR_DEPLOY_CHAIN";

export function deployError(
  code: DeployErrorCode,
  message: string,
  data?: ConstructorParameters<typeof FlkError>[2],
  options?: ErrorOptions,
): FlkError<DeployErrorCode> {
  return new FlkError(code, message, data, options);
}

/** ERR_DEPLOY for whatever the L2 or Ignition threw, unless it has a code. Names hosts alone: the rest of an RPC URL is often a key. */
export function deployFailure(rpcUrl: string, cause: unknown): FlkError {
  if (isFlkError(cause)) return cause;
  const host = URL.canParse(rpcUrl) ? new URL(rpcUrl).host : "";
  const l2 = host ? `the L2 at ${host}` : "the L2, whose URL names no host";
  const reason =
    cause instanceof BaseError ? cause.shortMessage : cause instanceof Error ? cause.message : String(cause);
  const shown = hostsOnly(rpcUrl ? reason.replaceAll(rpcUrl, host || "its URL") : reason);
  // nothing tells a URL without a host from other text
  return deployError("ERR_DEPLOY", `${l2}: ${shown}`, { host: host || null }, host ? { cause } : {});
}
