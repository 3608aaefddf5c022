import { enableCompileCache } from "node:module";
import { fail } from "../support/processes.ts";

/** What the bench tells the process that indexes. */
export interface IndexerTask {
  rpcUrl: string;
  nodeUrl: string;
  dataDir: string;
  databaseUrl?: string | undefined;
  /** only serves what is in the database */
  replica?: boolean;
}
/** What that process answers. */
export type IndexerAnswer = { type: "up"; url: string };

/** The indexer in a process of its own, as `flk indexer run` has it, which also keeps what its modules compile to. Ends when the bench lets go of it. */
async function run(task: IndexerTask): Promise<void> {
  enableCompileCache();
  const { createIndexer, createReplica } = await import("#indexer/indexer.ts");
  const { CHAIN_ID, CONTRACTS } = await import("./events.ts");
  const log = (): void => undefined;
  const { rpcUrl, nodeUrl, dataDir, databaseUrl, replica } = task;
  const options = {
    ...{ rpcUrls: [rpcUrl], nodeRpcUrl: nodeUrl, chainId: CHAIN_ID, contracts: CONTRACTS, deployBlock: 0 },
    ...{ dataDir, port: 0, host: "127.0.0.1" },
    logger: { debug: log, info: log, warn: log, error: log },
  };
  const indexer =
    replica && databaseUrl !== undefined
      ? createReplica({ ...options, databaseUrl })
      : createIndexer({ ...options, databaseUrl });
  process.on("disconnect", () => void indexer.stop().then(() => process.exit(0), fail));
  await indexer.start();
  process.send?.({ type: "up", url: indexer.url } satisfies IndexerAnswer);
}

run(JSON.parse(process.argv[2] as string) as IndexerTask).catch(fail);
