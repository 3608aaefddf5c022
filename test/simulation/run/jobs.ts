import { type ChildProcess, fork } from "node:child_process";
import { runTask, type Task, type TaskResult } from "./task.ts";

type Answer = { result: TaskResult } | { failed: string };

/** Runs the tasks in `jobs` processes, or in this one when that is one; tells of each as it ends. */
export async function runAll(
  tasks: readonly Task[],
  jobs: number,
  ended: (result: TaskResult) => void,
): Promise<void> {
  if (jobs === 1 || tasks.length === 1) {
    for (const task of tasks) ended(await runTask(task));
    return;
  }
  const queue = [...tasks];
  const count = Math.min(jobs, tasks.length);
  await Promise.all(
    Array.from({ length: count }, () => runIn(new URL("./worker.ts", import.meta.url), queue, ended)),
  );
}

/**
 * Messages live shortly: a nursery that holds many of them saves a tenth of the time. What lives longer is of one run and goes with
 * it: looking for it is put off until several have ended. Threads of the collector's own would only take the cores from each other,
 * which all have a process.
 */
const GC = [
  "--max-semi-space-size=64",
  "--initial-old-space-size=384",
  "--heap-growing-percent=500",
  "--single-threaded-gc",
];

/** One process that takes from the queue until it is empty. */
async function runIn(worker: URL, queue: Task[], ended: (result: TaskResult) => void): Promise<void> {
  const execArgv = [...process.execArgv, ...GC];
  const child = fork(worker, { execArgv, stdio: ["ignore", "inherit", "inherit", "ipc"] });
  try {
    for (let task = queue.shift(); task; task = queue.shift()) {
      const answer = await ask(child, task);
      if ("failed" in answer) {
        throw new Error(`seed ${task.seed} with ${task.nodes} nodes broke the simulator: ${answer.failed}`);
      }
      ended(answer.result);
    }
  } finally {
    child.removeAllListeners();
    child.disconnect();
  }
}

function ask(child: ChildProcess, task: Task): Promise<Answer> {
  return new Promise((resolve, reject) => {
    child.removeAllListeners();
    child.once("message", (answer) => resolve(answer as Answer));
    child.once("exit", (code) => reject(new Error(`a simulator process ended with ${code}`)));
    child.send(task);
  });
}
