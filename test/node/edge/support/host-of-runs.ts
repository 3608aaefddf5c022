import type { ChildProcess } from "node:child_process";
import { subscribe } from "node:diagnostics_channel";
import { Sandbox } from "#node/edge/compute/sandbox.ts";
import { FOREVER } from "./wasm.ts";

/** Starts an endless run and one that stands still; says their process ids and stays. */
const children: ChildProcess[] = [];
subscribe("child_process", (message) => {
  children.push((message as { process: ChildProcess }).process);
});
for (const stopped of [false, true]) {
  const sandbox = new Sandbox();
  sandbox.output.catch(() => undefined);
  await sandbox.up;
  sandbox.start(FOREVER, new Uint8Array());
  if (stopped) sandbox.pause();
}
console.log(JSON.stringify(children.map(({ pid }) => pid)));
