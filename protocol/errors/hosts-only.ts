/** With every URL of HTTP or WebSocket cut after its host: the rest of an RPC URL is often a key. */
export function hostsOnly(text: string): string {
  return text.replace(/((?:https?|wss?):\/\/)(?:[^\s/@]*@)?([^\s/?#"']+)[^\s"')]*/gi, "$1$2");
}
