import type { WriteStream } from "node:tty";
import type { Judged } from "./mutate.ts";
import { isOpen } from "./report.ts";

/** Says what goes on while mutants are run. */
export interface Progress {
  phase(message: string): void;
  verdict(entry: Judged, done: number, of: number): void;
  end(): void;
}

/** Lines between two reports where no line can be rewritten. */
const EVERY = 50;

export function showProgress(stream: WriteStream): Progress {
  const start = performance.now();
  let survived = 0;
  const seconds = (): string => `${((performance.now() - start) / 1000).toFixed(0)} s`;
  const clear = stream.isTTY ? "\r\x1b[K" : "";
  return {
    phase: (message) => {
      stream.write(`${clear}${seconds().padStart(6)}  ${message}\n`);
    },
    verdict: (entry, done, of) => {
      if (isOpen(entry)) survived++;
      const status = `${seconds().padStart(6)}  ${done}/${of} run, ${survived} survived`;
      if (stream.isTTY) stream.write(`${clear}${status}`);
      else if (done % EVERY === 0 || done === of) stream.write(`${status}\n`);
    },
    end: () => {
      stream.write(clear);
    },
  };
}
