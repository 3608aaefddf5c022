import { createHash } from "node:crypto";
import type { ExecutionResult } from "graphql";
import type { Plugin } from "graphql-yoga";
import type { ApiContext } from "./context.ts";

/** Records whose last answer is known: more than may still change of those that one subscription tells of. */
const KNOWN = 100;

/** What one subscription has told. */
export interface Told {
  /** Names the record that the next answer is of; of one that nobody names every answer is new. */
  about(record: number): void;
  /** Whether this is another answer than the last of the same record. */
  isNew(answer: ExecutionResult): boolean;
}

export function createTold(): Told {
  const last = new Map<number, string>();
  let record: number | undefined;
  return {
    about(named) {
      record = named;
    },
    isNew(answer) {
      if (record === undefined) return true;
      const digest = createHash("sha256").update(JSON.stringify(answer)).digest("base64");
      if (last.get(record) === digest) return false;
      last.delete(record);
      last.set(record, digest);
      for (const oldest of last.keys()) if (last.size > KNOWN) last.delete(oldest);
      return true;
    },
  };
}

/** Yoga plugin: an answer that says what the last one of the same record said is not sent. */
export function nothingTwicePlugin(): Plugin<ApiContext> {
  return {
    onSubscribe: () => ({
      onSubscribeResult({ args, result, setResult }) {
        if (Symbol.asyncIterator in result) setResult(onlyNew(result, args.contextValue.told));
      },
    }),
  };
}

/** No generator: those end only after the answer that they wait for. */
function onlyNew(
  answers: AsyncIterable<ExecutionResult>,
  told: Told,
): AsyncIterableIterator<ExecutionResult> {
  const all = answers[Symbol.asyncIterator]();
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      for (;;) {
        const next = await all.next();
        if (next.done || told.isNew(next.value)) return next;
      }
    },
    return: async (value) => (await all.return?.(value)) ?? { done: true, value },
    throw: async (error) => {
      await all.return?.();
      throw error;
    },
  };
}
