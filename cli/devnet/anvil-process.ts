import { spawn } from "node:child_process";

/**
 * Runs the command of its arguments as a process that has no lifeline of its own: it ends when we are told to, and when
 * the local network that started us is gone, however that ended.
 */
const [command = "", ...args] = process.argv.slice(2);
const child = spawn(command, args, { stdio: ["ignore", "inherit", "inherit"] });

child.once("error", (error) => {
  console.error(`error ERR_PROCESS: ${error.message}`);
  process.exit(1);
});
child.once("exit", (code) => process.exit(code ?? 1));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => child.kill(signal));
// SIGKILL: it may be frozen, and it keeps nothing that is worth an orderly end
process.once("disconnect", () => child.kill("SIGKILL"));
