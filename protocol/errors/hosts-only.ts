/** Up to the next space: passwords may hold quotes and brackets. Not files, which stacks name. */
const URLS = /\b(?!file:)([a-z][a-z0-9+.-]*:\/\/)(\S+)/gi;
/** What the text around a URL puts after it. */
const AFTER = /["'`)\]}>.,;:]*$/;
const HOST = /^(?:[\w.-]*\w|\[[\da-f:.]+\])(?::\d{1,5})?(?=[/?#]|["'`)\]}>.,;:]*$)/i;

/**
 * With every URL cut after its host: users, passwords, paths and queries of RPC and database URLs are secrets. Where it
 * cannot be told what the host is, as in a URL whose password has a slash in it, that is not shown either.
 */
export function hostsOnly(text: string): string {
  return text.replace(URLS, (_, scheme: string, rest: string) => scheme + shown(rest));
}

function shown(rest: string): string {
  const at = rest.lastIndexOf("@");
  const told = at < 0 || !/[/?#]/.test(rest.slice(0, at));
  const behind = rest.slice(at + 1);
  const host = (told && HOST.exec(behind)?.[0]) || "";
  return (host || "…") + (AFTER.exec(behind.slice(host.length))?.[0] ?? "");
}
