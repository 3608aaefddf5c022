import { RequestError } from "../graphql/request.ts";

type Address = `0x${string}`;

/** `/network.json`: where the network's contracts are. */
export interface Network {
  chainId: number;
  contracts: { settlement: Address; staking: Address; vault: Address; flk: Address; stable: Address };
  /** whether the indexer passes transactions on to a node */
  sendsTransactions: boolean;
}

let known: Promise<Network> | undefined;

/** Read once, unless it failed. @throws RequestError */
export function readNetwork(): Promise<Network> {
  known ??= read().catch((error: unknown) => {
    known = undefined;
    throw error;
  });
  return known;
}

async function read(): Promise<Network> {
  try {
    return (await (await fetch("/network.json")).json()) as Network;
  } catch (cause) {
    throw new RequestError("ERR_UNREACHABLE", "the indexer does not answer", { cause });
  }
}
