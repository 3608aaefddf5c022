import { buildExplorer } from "./bundle.ts";

/** What `npm start`, `npm test` and the others do first: no-op unless a source has changed. */
const started = performance.now();
if (await buildExplorer()) {
  console.error(`flk: built the explorer (${Math.round(performance.now() - started)} ms)`);
}
