import { createHash } from "node:crypto";
import {
  createSourceEventStream,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  type GraphQLError,
} from "graphql";
import type { Plugin } from "graphql-yoga";
import type { ApiContext } from "./context.ts";
import { queryError } from "./errors.ts";
import type { ApiSettings } from "./settings.ts";
import { withinTime } from "./within-time.ts";

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

/** Yoga plugin: an answer that says what the last one of the same record said is not sent, and one that takes too long is the last. */
export function subscriptionsPlugin({ queryTimeoutMs }: Pick<ApiSettings, "queryTimeoutMs">): Plugin {
  return {
    onSubscribe({ setSubscribeFn }) {
      setSubscribeFn(async (args: ExecutionArgs) => {
        const events = await createSourceEventStream(args);
        return Symbol.asyncIterator in events ? answersTo(events, args, queryTimeoutMs) : events;
      });
    },
  };
}

/** No generator: those end only after the event that they wait for. */
function answersTo(
  stream: AsyncIterable<unknown>,
  args: ExecutionArgs,
  timeoutMs: number,
): AsyncIterableIterator<ExecutionResult> {
  const events = stream[Symbol.asyncIterator]();
  const { told, giveUp } = args.contextValue as ApiContext;
  let late: GraphQLError | undefined;
  const end = async (): Promise<IteratorResult<ExecutionResult>> => {
    await events.return?.();
    return { done: true, value: undefined };
  };
  async function answer(event: unknown): Promise<ExecutionResult> {
    const run = () => execute({ ...args, rootValue: event });
    try {
      return await withinTime(run, timeoutMs, () => {
        giveUp();
        late = queryError("ERR_QUERY_TIMEOUT", `an answer took more than ${timeoutMs} ms`);
        return late;
      });
    } catch (error) {
      if (error === late && late) return { errors: [late] };
      throw error;
    }
  }
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      while (!late) {
        const event = await events.next();
        if (event.done) return end();
        const value = await answer(event.value);
        if (told.isNew(value)) return { done: false, value };
      }
      return end();
    },
    return: end,
    async throw(error) {
      await end();
      throw error;
    },
  };
}
