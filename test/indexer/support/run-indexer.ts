import type { Storage } from "./storage.ts";
import { indexerOf } from "./world.ts";

/** An indexer in a process of its own, so that a test can kill it. Arguments: L2 URL, node URL, its Storage as JSON. */
const [l2Url, nodeUrl, storage] = process.argv.slice(2) as [string, string, string];
const indexer = indexerOf(l2Url, nodeUrl, [], JSON.parse(storage) as Storage);
await indexer.start();
process.stdout.write(`${indexer.url}\n`);
