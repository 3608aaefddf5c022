import { enableCompileCache } from "node:module";
import { guardStandardStreams } from "./io/standard-streams.ts";
import { run } from "./program.ts";

enableCompileCache();
guardStandardStreams();
// not by leaving the loop to drain: a wait on an L2 or a node that is gone would keep the process for minutes
process.exit(await run(process.argv.slice(2)));
