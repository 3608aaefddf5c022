/** Frontend messages after which PostgreSQL says that it is ready for the next. */
const ASKING = new Set(["Q", "S"]);
/** ReadyForQuery is the last thing that is said: its type, its length, and the state of the transaction. */
const READY = 6;

/**
 * PGlite drops what its WebAssembly throws, and goes on after a PANIC: who asked would wait for ever.
 * @throws Error when a run of frontend messages of PostgreSQL's protocol wants an answer and `answer` is not a whole one
 */
export function assertAnswered(run: Uint8Array, answer: Uint8Array): void {
  if (!asks(run) || isReady(answer)) return;
  const text = new TextDecoder()
    .decode(answer.subarray(0, 1_000))
    .replaceAll(/[^ -~]+/g, " ")
    .trim();
  throw new Error(`no whole answer to a statement: ${text || "none at all"}`);
}

function asks(run: Uint8Array): boolean {
  const view = new DataView(run.buffer, run.byteOffset, run.byteLength);
  // a session begins with the one message that has no type
  if (run[0] === 0) return true;
  for (let at = 0; at + 5 <= run.length; at += 1 + view.getUint32(at + 1))
    if (ASKING.has(String.fromCharCode(view.getUint8(at)))) return true;
  return false;
}

function isReady(answer: Uint8Array): boolean {
  const at = answer.length - READY;
  return at >= 0 && answer[at] === "Z".charCodeAt(0) && answer[at + 4] === 5;
}
