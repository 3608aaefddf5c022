import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { cliError } from "../errors.ts";

/** One process of the local network. Its output goes to `logFile`, appended over restarts. */
export interface ProcessSpec {
  name: string;
  command: string;
  args: string[];
  env?: Record<string, string>;
  logFile: string;
  /** an IPC channel: the process reports that it is up, and ends when ours is gone */
  lifeline: boolean;
}

export type ProcessState = "starting" | "up" | "down";

interface Managed {
  spec: ProcessSpec;
  child: ChildProcess;
  state: ProcessState;
  exited: Promise<void>;
  expected: boolean;
  up: Promise<void>;
}

const STOP_GRACE_MS = 8_000;
const LOG_TAIL_BYTES = 1_200;

/** Starts, watches, kills and ends the processes of a local network; none outlives `stop`. */
export class Supervisor {
  readonly #managed = new Map<string, Managed>();
  readonly #onCrash: (error: Error) => void;
  readonly #stopGraceMs: number;
  #stopping = false;

  /** `onCrash`: a process ended that nobody had told to. `stopGraceMs`: ms between SIGTERM and SIGKILL. */
  constructor(onCrash: (error: Error) => void, stopGraceMs: number = STOP_GRACE_MS) {
    this.#onCrash = onCrash;
    this.#stopGraceMs = stopGraceMs;
  }

  /** Resolves once the process runs; `up` tells when it reports that it serves. @throws ERR_PROCESS */
  async start(spec: ProcessSpec): Promise<void> {
    if (this.#stopping) throw cliError("ERR_INTERRUPTED", "interrupted");
    const log = openSync(spec.logFile, "a");
    const child = spawn(spec.command, spec.args, {
      env: { ...process.env, ...spec.env },
      // a group of its own: a Ctrl-C on the terminal is for us, who then end everything in order
      detached: true,
      stdio: spec.lifeline ? ["ignore", log, log, "ipc"] : ["ignore", log, log],
    });
    closeSync(log);
    const exited = new Promise<void>((resolve) => {
      child.once("exit", () => resolve());
      child.once("error", () => resolve());
    });
    const managed: Managed = {
      spec,
      child,
      state: "starting",
      exited,
      expected: false,
      up: new Promise((resolve) => {
        child.on("message", (message) => {
          if (message !== "up") return;
          managed.state = "up";
          resolve();
        });
      }),
    };
    this.#managed.set(spec.name, managed);
    this.#watch(managed);
    await new Promise<void>((resolve, reject) => {
      child.once("spawn", () => resolve());
      child.once("error", (cause) =>
        reject(cliError("ERR_PROCESS", `${spec.name} cannot be started: ${cause.message}`, {}, cause)),
      );
    });
  }

  /** Waits for the process's own word that it serves. @throws ERR_PROCESS, ERR_DEVNET_TIMEOUT */
  async waitUp(name: string, timeoutMs: number): Promise<void> {
    const managed = this.#get(name);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        reject(
          cliError("ERR_DEVNET_TIMEOUT", `${name} is not up after ${timeoutMs} ms`, { name, timeoutMs }),
        );
      }, timeoutMs);
    });
    const gone = managed.exited.then(async () => {
      throw await this.#crash(managed);
    });
    try {
      await Promise.race([managed.up, late, gone]);
    } finally {
      clearTimeout(timer);
    }
  }

  state(name: string): ProcessState {
    return this.#managed.get(name)?.state ?? "down";
  }

  /** Undefined once it is gone. */
  pid(name: string): number | undefined {
    const child = this.#managed.get(name)?.child;
    return child && isAlive(child) ? child.pid : undefined;
  }

  /** SIGKILL, as a power cut would; resolves once it is gone. */
  async kill(name: string): Promise<void> {
    const managed = this.#get(name);
    managed.expected = true;
    killGroup(managed.child);
    await managed.exited;
  }

  async restart(name: string): Promise<void> {
    const { spec, exited } = this.#get(name);
    await exited;
    await this.start(spec);
  }

  /** Ends everything, last started first asked. Idempotent. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all([...this.#managed.values()].reverse().map((managed) => this.#end(managed)));
  }

  /** Without waiting, for the exit of our own process. */
  killNow(): void {
    this.#stopping = true;
    for (const { child } of this.#managed.values()) if (isAlive(child)) killGroup(child);
  }

  async #end(managed: Managed): Promise<void> {
    managed.expected = true;
    if (!isAlive(managed.child)) return;
    managed.child.kill("SIGTERM");
    const timer = setTimeout(() => killGroup(managed.child), this.#stopGraceMs);
    await managed.exited;
    clearTimeout(timer);
  }

  #watch(managed: Managed): void {
    void managed.exited.then(async () => {
      managed.state = "down";
      // what it started itself goes with it
      killGroup(managed.child);
      if (!managed.expected && !this.#stopping) this.#onCrash(await this.#crash(managed));
    });
  }

  async #crash(managed: Managed): Promise<Error> {
    const { spec, child } = managed;
    const how = child.signalCode ?? `code ${child.exitCode}`;
    const tail = await logTail(spec.logFile);
    return cliError(
      "ERR_PROCESS",
      `${spec.name} ended with ${how}; its log (${spec.logFile}) ends: ${tail}`,
      {
        name: spec.name,
      },
    );
  }

  #get(name: string): Managed {
    const managed = this.#managed.get(name);
    if (!managed) throw cliError("ERR_PROCESS", `no process ${name}`, { name });
    return managed;
  }
}

/** SIGKILL to the process and to what it started: each is the leader of a group of its own. */
function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    // nobody left; some systems say EPERM of a group whose last member has just died
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ESRCH" && code !== "EPERM") throw error;
  }
}

function isAlive(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}

async function logTail(path: string): Promise<string> {
  const text = await readFile(path, "utf8");
  return text.slice(-LOG_TAIL_BYTES).trim() || "(empty)";
}
