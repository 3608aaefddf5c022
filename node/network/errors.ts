import { FlkError } from "#protocol/errors/error.ts";

/** Codes of the network. Append only. ERR_REQUEST_REFUSED carries the remote's code in `data.remoteCode`. */
type NetworkErrorCode =
  | "ERR_PEER_UNREACHABLE"
  | "ERR_REQUEST_TIMEOUT"
  | "ERR_REQUEST_REFUSED"
  | "ERR_MESSAGE_TOO_LARGE"
  | "ERR_ABORTED"
  | "ERR_PORT_IN_USE"
  | "ERR_LISTEN"
  | "ERR_NETWORK_KEY"
  | "ERR_NO_HANDLER";

type Data = ConstructorParameters<typeof FlkError>[2];

export function networkError(
  code: NetworkErrorCode,
  message: string,
  data?: Data,
  options?: ErrorOptions,
): FlkError<NetworkErrorCode> {
  return new FlkError(code, message, data, options);
}
