import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { exactTime, relativeTime } from "../format/time.ts";
import { Nothing } from "./amount.tsx";

/** Unix ms, again every second. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

/** Unix ms: how long ago, with the exact time behind it. */
export function Ago({ ms }: { ms: number | null | undefined }): JSX.Element {
  const now = useNow();
  if (ms === null || ms === undefined) return <Nothing />;
  return (
    <time dateTime={new Date(ms).toISOString()} title={exactTime(ms)}>
      {relativeTime(ms, now)}
    </time>
  );
}

/** Unix ms, exactly. */
export function At({ ms }: { ms: number | null | undefined }): JSX.Element {
  if (ms === null || ms === undefined) return <Nothing />;
  return <time dateTime={new Date(ms).toISOString()}>{exactTime(ms)}</time>;
}
