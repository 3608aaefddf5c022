import { spawn } from "node:child_process";
import { once } from "node:events";
import { FlkError } from "#protocol/errors/error.ts";
import { ROOT } from "#scripts/deploy/hardhat.ts";

/** Runs a tool of ours to its end; its output goes to our standard error. @throws ERR_COVERAGE when it fails */
export async function runNode(args: string[]): Promise<void> {
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ["ignore", process.stderr, "inherit"] });
  const [code, signal] = await once(child, "exit");
  if (code !== 0)
    throw new FlkError("ERR_COVERAGE", `the tests failed: node ${args[0]} ended with ${code ?? signal}`);
}
