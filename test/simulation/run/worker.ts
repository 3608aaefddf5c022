import { runTask, type Task } from "./task.ts";

/** A process of `Jobs`: one task at a time. */
process.on("message", (task: Task) => {
  runTask(task).then(
    (result) => process.send?.({ result }),
    (error: unknown) => process.send?.({ failed: error instanceof Error ? error.stack : String(error) }),
  );
});
process.on("disconnect", () => process.exit());
