import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { errorCode, FlkError } from "#protocol/errors/error.ts";
import type { BenchArguments } from "../bench.ts";

/** What a process of a bench says when it cannot go on. */
export interface Failed {
  type: "failed";
  code: string;
  message: string;
}

/** Of a process that cannot go on: tells the bench, and ends. */
export function fail(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  process.send?.({ type: "failed", code: errorCode(error), message } satisfies Failed, () => process.exit(1));
}

/** What its command line says to a process of a bench, which ends when the bench is gone. */
export function setupOf<Setup>(): Setup {
  process.on("disconnect", () => process.exit(0));
  return JSON.parse(process.argv[2] ?? "") as Setup;
}

/** Handles what the bench says to this process. */
export function serve<To>(handle: (message: To) => Promise<void>): void {
  process.on("message", (message: To) => void handle(message).catch(fail));
}

/** A process that reads `setup` from its command line; `flags` are Node's. */
export function startProcess(module: string, setup: object, flags: readonly string[]): ChildProcess {
  const stdio: ["ignore", "inherit", "inherit", "ipc"] = ["ignore", "inherit", "inherit", "ipc"];
  return fork(module, [JSON.stringify(setup)], { execArgv: [...flags], serialization: "advanced", stdio });
}

/** Flags of Node for a process whose CPU profile is asked for (`--cpu-prof DIR`). */
export function profileArguments(values: BenchArguments): string[] {
  const dir = values["cpu-prof"];
  return typeof dir === "string" ? ["--cpu-prof", `--cpu-prof-dir=${dir}`] : [];
}

export type Answer<From extends { type: string }, Type extends From["type"]> = Extract<From, { type: Type }>;

export function tell<To extends { type: string }>(child: ChildProcess, message: To): void {
  if (child.connected) child.send(message);
}

/** The next message of `type`. @throws ERR_BENCH_MEMBER when the process fails, ends or says nothing of it for `ms` */
export function answer<From extends { type: string }, Type extends From["type"]>(
  child: ChildProcess,
  type: Type,
  ms: number,
): Promise<Answer<From, Type>> {
  return new Promise((resolve, reject) => {
    const done = (): void => {
      clearTimeout(timer);
      child.off("message", read).off("exit", gone);
    };
    const refuse = (why: string): void => {
      done();
      reject(new FlkError("ERR_BENCH_MEMBER", `a member ${why}`));
    };
    const read = (message: From | Failed): void => {
      if (isFailed(message)) refuse(`failed: ${message.code}: ${message.message}`);
      if (message.type !== type) return;
      done();
      resolve(message as Answer<From, Type>);
    };
    const gone = (code: number | null, signal: string | null): void => refuse(`ended with ${code ?? signal}`);
    const timer = setTimeout(() => refuse(`said nothing of "${type}" for ${ms} ms`), ms);
    child.on("message", read).once("exit", gone);
  });
}

/** Says `question` and waits for the answer of `type`. @throws ERR_BENCH_MEMBER as `answer` does */
export function ask<To extends { type: string }, From extends { type: string }, Type extends From["type"]>(
  child: ChildProcess,
  question: To,
  type: Type,
  ms: number,
): Promise<Answer<From, Type>> {
  const said = answer<From, Type>(child, type, ms);
  tell(child, question);
  return said;
}

function isFailed(message: { type: string }): message is Failed {
  return message.type === "failed";
}

/**
 * Resolves when it has ended: by itself as its channel closes, so that --cpu-prof writes its file, or by what `end` does; by SIGKILL when
 * that takes too long.
 */
export async function ended(child: ChildProcess, end = () => child.disconnect()): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  end();
  const timer = setTimeout(() => child.kill("SIGKILL"), 10_000);
  await exit;
  clearTimeout(timer);
}
