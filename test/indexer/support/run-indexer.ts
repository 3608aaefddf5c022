import { indexerOf } from "./world.ts";

/** An indexer in a process of its own, so that a test can kill it. Arguments: L2 URL, node URL, data directory. */
const [l2Url, nodeUrl, dataDir] = process.argv.slice(2) as [string, string, string];
const indexer = indexerOf(l2Url, nodeUrl, [], { dataDir });
await indexer.start();
process.stdout.write(`${indexer.url}\n`);
