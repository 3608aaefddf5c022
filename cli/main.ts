import { enableCompileCache } from "node:module";
import { run } from "./program.ts";

enableCompileCache();
process.exitCode = await run(process.argv.slice(2));
