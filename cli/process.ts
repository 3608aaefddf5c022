/** Signals that end a long-running command in order. */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Calls back once on SIGINT, SIGTERM or SIGHUP, or when the process that started us with a channel is gone; a second
 * signal ends the process at once. Returns a function that stops listening.
 */
export function onStop(callback: (reason: string) => void): () => void {
  let asked = false;
  const ask = (reason: string): void => {
    if (asked) process.exit(1);
    asked = true;
    callback(reason);
  };
  const handlers = SIGNALS.map((signal) => ({ signal, handler: () => ask(signal) }));
  for (const { signal, handler } of handlers) process.on(signal, handler);
  const gone = (): void => {
    if (!asked) ask("disconnect");
  };
  process.on("disconnect", gone);
  return () => {
    for (const { signal, handler } of handlers) process.off(signal, handler);
    process.off("disconnect", gone);
    if (process.connected) process.disconnect();
  };
}

/** Tells the process that started us, if it gave us a channel, that we serve. */
export function reportUp(): void {
  process.send?.("up");
}
