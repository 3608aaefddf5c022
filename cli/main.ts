import { enableCompileCache } from "node:module";
import { run } from "./program.ts";

enableCompileCache();
// not by leaving the loop to drain: a wait on an L2 or a node that is gone would keep the process for minutes
process.exit(await run(process.argv.slice(2)));
