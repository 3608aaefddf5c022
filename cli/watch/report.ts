import type { Metrics } from "#node/interface/metrics.ts";
import type { Output } from "../io/output.ts";
import type { WatchEvent } from "./watcher.ts";

/** Prints what a watcher says, one JSON line or some plain ones each, and counts it. */
export function reporter(output: Output, metrics: Metrics): (event: WatchEvent) => void {
  return (event) => {
    const kind =
      event.event === "alarm" ? { event: "alarm", reason: event.reason } : { event: event.event, reason: "" };
    metrics.counter("flk_watch_events_total", "What the watcher said of posted settlements", kind).inc();
    output.data({ at: new Date().toISOString(), ...event }, linesOf(event));
  };
}

function linesOf(event: WatchEvent): string[] {
  const { epoch } = event;
  switch (event.event) {
    case "agrees":
      return [`epoch ${epoch} agrees: ${event.digest}`];
    case "vetoed":
      return [`epoch ${epoch} vetoed: transaction ${event.txHash}`];
    case "veto_failed":
      return [
        `VETO FAILED epoch ${epoch}: ${event.code}: ${event.message}; it is tried again while the settlement is pending`,
      ];
    case "alarm": {
      const when = event.pending
        ? `becomes active at ${new Date(1000 * event.activatesAt).toISOString()}`
        : "is not pending any more";
      return [`ALARM epoch ${epoch} ${whyOf(event)}; it ${when}`, ...fieldsOf(event)];
    }
  }
}

type AlarmEvent = Extract<WatchEvent, { event: "alarm" }>;

function whyOf(event: AlarmEvent): string {
  switch (event.reason) {
    case "differs":
      return `differs in ${event.fields.map(({ field }) => field).join(", ")}`;
    case "chain":
      return "rests on a certified block whose result is not what executing it gives";
    case "unavailable":
      return "cannot be recomputed: no node serves its chain";
  }
}

function fieldsOf(event: AlarmEvent): string[] {
  if (event.reason !== "differs") return [];
  return event.fields.map(
    ({ field, posted, computed }) => `  ${field}: posted ${posted}, computed ${computed}`,
  );
}
