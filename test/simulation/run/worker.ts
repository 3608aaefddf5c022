import { runTask, type Task } from "./task.ts";

// refusals are common here, and nobody reads where they come from; one process alone (`--jobs 1`) tells
Error.stackTraceLimit = 0;

/** A process of `Jobs`: one task at a time. */
process.on("message", (task: Task) => {
  runTask(task).then(
    (result) => process.send?.({ result }),
    (error: unknown) => process.send?.({ failed: error instanceof Error ? error.stack : String(error) }),
  );
});
process.on("disconnect", () => process.exit());
