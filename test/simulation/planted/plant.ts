import { registerHooks } from "node:module";
import { BUGS, type BugName, type PlantedBug } from "./bugs.ts";

/** Loaded before the simulator (`--import`): changes one line of one module as it is loaded, and nothing on disk. */
const name = process.env.FLK_PLANTED_BUG;
if (name === undefined || !Object.hasOwn(BUGS, name)) throw new Error(`no bug ${name}`);
const bug: PlantedBug = BUGS[name as BugName];

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    if (!url.endsWith(bug.module)) return loaded;
    const source = Buffer.from(loaded.source as Uint8Array).toString("utf8");
    if (source.split(bug.from).length !== 2) throw new Error(`${bug.module} has no single place for ${name}`);
    return { ...loaded, source: source.replace(bug.from, bug.to) };
  },
});
