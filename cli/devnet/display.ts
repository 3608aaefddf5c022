import { createLogUpdate } from "log-update";
import type { Status } from "./status.ts";

/** Shows the progress: redrawn in place on a terminal, as plain lines elsewhere. */
export interface Display {
  /** A line that stays. */
  line(text: string): void;
  stop(): void;
}

const FRAME_MS = 500;
const PLAIN_MS = 10_000;
const START = Date.now();

/** `stream`: stdout, or stderr when stdout is for JSON. */
export function createDisplay(status: Status, stream: NodeJS.WriteStream): Display {
  return stream.isTTY ? liveDisplay(status, stream) : plainDisplay(status, stream);
}

function liveDisplay(status: Status, stream: NodeJS.WriteStream): Display {
  const frame = createLogUpdate(stream);
  const draw = (): void => frame(render(status, Date.now()).join("\n"));
  const timer = setInterval(draw, FRAME_MS);
  return {
    line(text) {
      frame.clear();
      stream.write(`${text}\n`);
      draw();
    },
    stop() {
      clearInterval(timer);
      draw();
      frame.done();
    },
  };
}

function plainDisplay(status: Status, stream: NodeJS.WriteStream): Display {
  const write = (text: string): void => {
    stream.write(`[${((Date.now() - START) / 1000).toFixed(1).padStart(6)} s] ${text}\n`);
  };
  const timer = setInterval(() => {
    if (status.epoch !== undefined) write(summaryLine(status, Date.now()));
  }, PLAIN_MS);
  return {
    line: write,
    stop() {
      clearInterval(timer);
    },
  };
}

/** The frame on a terminal. `now`: Unix ms. */
export function render(status: Status, now: number): string[] {
  const last = status.posted.at(-1);
  const lines = [`flk devnet · ${status.step}`];
  if (status.epoch !== undefined) {
    lines.push(
      `  epoch     ${status.epoch}, ends in ${countdown(status.epochEnd, now)} · block ${status.height}`,
      `  delivered ${formatBytes(status.bytes)} in ${status.deliveries} deliveries · ${status.ms} ms in ${status.runs} runs · ` +
        `${status.acks} acknowledgements${retryText(status)}`,
      `  posted    ${last ? `epoch ${last.epoch}, ${last.gas} gas, ${last.txHash}` : "nothing yet"}`,
      `  active    ${status.activeUpTo >= 0 ? `epoch ${status.activeUpTo}` : "nothing yet"} · ${status.claims} claims`,
    );
  }
  if (status.nodes.length > 0) lines.push(`  nodes     ${status.nodes.map(nodeText).join("  ")}`);
  if (status.graphql) {
    lines.push(`  explorer  ${new URL("/", status.graphql).href}`, `  GraphQL   ${status.graphql}`);
  }
  return lines;
}

/** The same in one plain line. */
export function summaryLine(status: Status, now: number): string {
  const last = status.posted.at(-1);
  const up = status.nodes.filter((node) => node.state === "up").length;
  const posted = last ? `posted epoch ${last.epoch} (${last.gas} gas)` : "nothing posted";
  const active = status.activeUpTo >= 0 ? `active epoch ${status.activeUpTo}` : "nothing active";
  return (
    `epoch ${status.epoch} ends in ${countdown(status.epochEnd, now)}, block ${status.height}, ` +
    `${status.deliveries} deliveries, ${status.runs} runs, ${status.acks} acks, ${formatBytes(status.bytes)}, ${status.ms} ms${retryText(status)}, ` +
    `${posted}, ${active}, ${status.claims} claims, ${up}/${status.nodes.length} nodes up`
  );
}

function nodeText(node: Status["nodes"][number]): string {
  const mark = node.state === "up" ? "●" : node.state === "starting" ? "◌" : "✖";
  return `${mark} ${node.name}${node.member ? "*" : ""} @${node.height}`;
}

function retryText(status: Status): string {
  const codes = [...status.retries].map(([code, count]) => `${count}× ${code}`);
  return codes.length > 0 ? ` (tried again: ${codes.join(", ")})` : "";
}

function countdown(end: number | undefined, now: number): string {
  return end === undefined ? "?" : `${Math.max(0, Math.ceil((end - now) / 1000))} s`;
}

export function formatBytes(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${(bytes / 1e3).toFixed(1)} kB`;
  return bytes < 1_000_000_000 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}
