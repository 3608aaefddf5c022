import { useEffect, useRef, useState } from "preact/hooks";
import { type Document, RequestError, request } from "./request.ts";

export interface Result<Data> {
  data: Data | undefined;
  error: RequestError | undefined;
  /** nothing has been read yet for these variables */
  loading: boolean;
}

interface Held<Data> {
  key: string;
  data: Data | undefined;
  error: RequestError | undefined;
}

/**
 * Reads a query, again whenever its variables or `revision` change. What was read for the same variables stays until the next answer;
 * for others it does not, so that no page shows the data of another.
 */
export function useQuery<Data, Variables>(
  document: Document<Data, Variables>,
  variables: Variables,
  revision = 0,
): Result<Data> {
  const key = JSON.stringify(variables);
  const [held, setHeld] = useState<Held<Data> | undefined>();
  const reader = useRef<Reader | undefined>(undefined);
  useEffect(() => {
    const read = async (signal: AbortSignal): Promise<void> => {
      try {
        setHeld({
          key,
          data: await request(document, JSON.parse(key) as Variables, signal),
          error: undefined,
        });
      } catch (reason) {
        if (signal.aborted) return;
        const error =
          reason instanceof RequestError ? reason : new RequestError("ERR_UNKNOWN", String(reason));
        setHeld((known) => ({ key, data: known?.key === key ? known.data : undefined, error }));
      }
    };
    reader.current = createReader(read);
    reader.current.read();
    return () => reader.current?.stop();
  }, [document, key]);
  useEffect(() => {
    if (revision > 0) reader.current?.read();
  }, [revision]);
  const current = held?.key === key ? held : undefined;
  return { data: current?.data, error: current?.error, loading: current === undefined };
}

interface Reader {
  /** Reads, or reads once more after what is being read: a slow answer is not given up for the next. */
  read(): void;
  stop(): void;
}

function createReader(run: (signal: AbortSignal) => Promise<void>): Reader {
  const abort = new AbortController();
  let busy = false;
  let again = false;
  async function work(): Promise<void> {
    busy = true;
    do {
      again = false;
      await run(abort.signal);
    } while (again && !abort.signal.aborted);
    busy = false;
  }
  return {
    read() {
      if (busy) again = true;
      else void work();
    },
    stop: () => abort.abort(),
  };
}
