/** Codes of the network. Append only. ERR_REQUEST_REFUSED carries the remote's code in `data.remoteCode`. */
export const NETWORK_ERRORS = [
  "ERR_PEER_UNREACHABLE",
  "ERR_REQUEST_TIMEOUT",
  "ERR_REQUEST_REFUSED",
  "ERR_MESSAGE_TOO_LARGE",
  "ERR_ABORTED",
  "ERR_PORT_IN_USE",
  "ERR_LISTEN",
  "ERR_NETWORK_KEY",
  "ERR_NO_HANDLER",
  "ERR_PEER_BUSY",
] as const;
export type NetworkErrorCode = (typeof NETWORK_ERRORS)[number];
