import { spawn } from "node:child_process";

/** One command of a longer job. */
export interface Step {
  name: string;
  command: string;
  args: string[];
  /** beside that of this process */
  env?: Record<string, string>;
}

interface Outcome {
  name: string;
  seconds: number;
  failure: string | undefined;
}

function run(step: Step): Promise<Outcome> {
  const start = performance.now();
  return new Promise((resolve) => {
    const finish = (failure: string | undefined): void =>
      resolve({ name: step.name, seconds: (performance.now() - start) / 1000, failure });
    const child = spawn(step.command, step.args, {
      stdio: "inherit",
      env: { ...process.env, ...step.env },
    });
    child.on("error", (error) => finish(error.message));
    child.on("exit", (code, signal) => finish(code === 0 ? undefined : `exit ${code ?? signal}`));
  });
}

/** Runs every step in order, also after a failure, and closes with a table. The process exits 1 if any failed. */
export async function runSteps(title: string, steps: Step[]): Promise<void> {
  const outcomes: Outcome[] = [];
  for (const step of steps) {
    console.log(`\n── ${step.name}: ${step.command} ${step.args.join(" ")}`);
    outcomes.push(await run(step));
  }
  console.log(`\n${title}`);
  for (const { name, seconds, failure } of outcomes) {
    console.log(
      `  ${failure ? "✖" : "✔"} ${name.padEnd(24)} ${seconds.toFixed(1).padStart(7)} s  ${failure ?? ""}`,
    );
  }
  const failed = outcomes.filter((outcome) => outcome.failure).length;
  console.log(`${outcomes.length - failed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}
