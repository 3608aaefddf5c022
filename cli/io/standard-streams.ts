import { cliError } from "../errors.ts";

let failure: NodeJS.ErrnoException | undefined;

/** From here on what goes wrong with stdout waits for `stdoutTaken`, and a log on stderr that nobody takes ends nothing. */
export function guardStandardStreams(): void {
  process.stdout.on("error", (error) => {
    failure ??= error;
  });
  process.stderr.on("error", () => undefined);
}

/**
 * Waits until all that was printed has left this process: a pipe takes 64 KiB at once, and the end of the process would
 * cut off the rest. A reader that left took what it wanted. @throws ERR_OUTPUT_FILE
 */
export async function stdoutTaken(): Promise<void> {
  await new Promise<void>((done) => {
    process.stdout.write("", () => done());
  });
  if (failure === undefined || failure.code === "EPIPE") return;
  const reason = failure.code ?? failure.message;
  throw cliError("ERR_OUTPUT_FILE", `stdout took not all that was printed (${reason})`, {}, failure);
}
