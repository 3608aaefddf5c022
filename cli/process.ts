/** Signals that end a long-running command in order. */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** ms in which a repeated signal is the same one: a terminal and npm both deliver a Ctrl-C */
const REPEAT_MS = 1_000;

/**
 * Calls back once on SIGINT, SIGTERM or SIGHUP, or when whoever reads stdout or started us with a channel is gone; a later
 * signal ends the process at once. Returns a function that stops listening.
 */
export function onStop(callback: (reason: string) => void): () => void {
  let askedAt: number | undefined;
  const ask = (reason: string): void => {
    if (askedAt === undefined) {
      askedAt = Date.now();
      callback(reason);
    } else if (Date.now() - askedAt > REPEAT_MS) process.exit(1);
  };
  const handlers = SIGNALS.map((signal) => ({ signal, handler: () => ask(signal) }));
  for (const { signal, handler } of handlers) process.on(signal, handler);
  const once = (reason: string) => (): void => {
    if (askedAt === undefined) ask(reason);
  };
  const gone = once("disconnect");
  process.on("disconnect", gone);
  const unread = once("stdout");
  process.stdout.on("error", unread);
  return () => {
    for (const { signal, handler } of handlers) process.off(signal, handler);
    process.off("disconnect", gone);
    process.stdout.off("error", unread);
    if (process.connected) process.disconnect();
  };
}

/** Tells the process that started us, if it gave us a channel, that we serve. */
export function reportUp(): void {
  process.send?.("up");
}
