import { readFile } from "node:fs/promises";
import { edgeError } from "../errors.ts";
import { Sandbox } from "./sandbox.ts";

/**
 * MiB of memory that a run takes beyond its process: heap and memory of the module, each bounded by a flag too, and what compiling takes, which
 * V8 bounds by nothing: a module of 14 kB can make it ask for gigabytes.
 */
const RUN_MIB = 64 + 64 + 128;

let measured: Promise<number | undefined> | undefined;

/**
 * KiB of writable memory that the process of a run may have (RLIMIT_DATA): those that it has when it is up, which differ by version and machine and
 * are measured once, and RUN_MIB. Undefined where the system has no such limit: not Linux.
 * @throws ERR_COMPUTE_FAILED
 */
export function runMemoryLimit(): Promise<number | undefined> {
  if (process.platform !== "linux") return Promise.resolve(undefined);
  measured ??= measure().catch((error: unknown) => {
    measured = undefined;
    throw error;
  });
  return measured;
}

async function measure(): Promise<number> {
  const sandbox = new Sandbox();
  try {
    await sandbox.up;
    const status = await readFile(`/proc/${sandbox.pid}/status`, "latin1");
    const kib = /^VmData:\s+(\d+) kB$/m.exec(status)?.[1];
    if (kib) return Number(kib) + RUN_MIB * 1_024;
  } catch (cause) {
    throw unknown(cause);
  } finally {
    sandbox.kill();
  }
  throw unknown();
}

function unknown(cause?: unknown): Error {
  return edgeError("ERR_COMPUTE_FAILED", "the memory of a sandbox cannot be measured", {}, { cause });
}
