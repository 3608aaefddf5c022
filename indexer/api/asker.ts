import type { IncomingMessage } from "node:http";
import { isIPv6 } from "node:net";

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;
/** 16-bit groups of an address, and those of the network that one host is given */
const GROUPS = 8;
const NETWORK_GROUPS = 4;

/** Whom a request counts against: by the connection, or by what the proxy before this process says. */
export function askerOf(request: IncomingMessage, { trustProxy }: { trustProxy: boolean }): string {
  const forwarded = request.headers["x-forwarded-for"];
  const last = trustProxy ? [forwarded].flat().join(",").split(",").at(-1)?.trim() : undefined;
  return countedAs(last || (request.socket.remoteAddress ?? ""));
}

/** An IPv4 address by itself, one of IPv6 by its /64: whoever has one of these has all. */
export function countedAs(address: string): string {
  const plain = address.split("%", 1)[0] as string;
  const mapped = MAPPED.exec(plain)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(plain)) return address;
  // URL writes all groups alike, an IPv4 tail too
  const [head = "", tail] = new URL(`http://[${plain}]`).hostname.slice(1, -1).split("::");
  const groupsOf = (text = ""): string[] => (text === "" ? [] : text.split(":"));
  const [first, last] = [groupsOf(head), groupsOf(tail)];
  const zeros = new Array<string>(GROUPS - first.length - last.length).fill("0");
  return `${[...first, ...zeros, ...last].slice(0, NETWORK_GROUPS).join(":")}::/64`;
}
