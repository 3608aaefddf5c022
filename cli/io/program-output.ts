import { spawn } from "node:child_process";

/** What a program of the repository said and how it ended. */
export interface ProgramOutput {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs `node …args` to its end, or until `signal`. */
export function programOutput(args: string[], signal?: AbortSignal): Promise<ProgramOutput> {
  const child = spawn(process.execPath, args, {
    stdio: ["ignore", "pipe", "pipe"],
    ...(signal && { signal }),
  });
  const text = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].setEncoding("utf8").on("data", (part: string) => {
      text[stream] += part;
    });
  }
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, ...text }));
  });
}
