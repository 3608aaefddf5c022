import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { PGlite } from "@electric-sql/pglite";
import { concatBytes } from "@noble/hashes/utils.js";
import { assertAnswered } from "./pglite-answer.ts";

/** What the thread is told: a run of frontend messages of PostgreSQL's protocol, or to write everything and end. */
export type ToThread = Uint8Array | "close";
/** What it says: that it is open, once, and the backend's messages to each run, in their order. */
export type FromThread = "open" | Uint8Array;

/** Executes one run after the other, so that whoever asks is never held up by a statement. What it throws ends the thread. */
async function serve(port: MessagePort, dataDir: string): Promise<void> {
  const client = await PGlite.create(dataDir);
  let last = Promise.resolve();
  port.on("message", (message: ToThread) => {
    last = last.then(() => (message === "close" ? close() : answer(message)));
  });
  port.postMessage("open" satisfies FromThread);

  async function answer(message: Uint8Array): Promise<void> {
    const parts: Uint8Array[] = [];
    // the bytes lie in the memory of the database, which goes on to use it
    await client.execProtocolRawStream(message, { onRawData: (bytes) => void parts.push(bytes.slice()) });
    const bytes = concatBytes(...parts);
    assertAnswered(message, bytes);
    port.postMessage(bytes satisfies FromThread, [bytes.buffer]);
  }

  async function close(): Promise<void> {
    await client.close();
    port.close();
  }
}

await serve(parentPort as MessagePort, workerData as string);
