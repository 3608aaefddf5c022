import { document } from "../graphql/request.ts";
import { CHAIN_TRANSACTION } from "./fields.ts";
import type { Finality } from "./types.ts";

export interface ChainTransaction {
  id: string;
  kind: string;
  status: string;
  epoch: number;
  height: number;
  position: number;
  time: number;
  account: string | null;
  nodeId: number | null;
  finality: Finality;
}

export interface ContractEvent {
  block: number;
  logIndex: number;
  contract: string;
  name: string | null;
  /** JSON */
  args: string;
  time: number;
  finality: Finality;
}

/** A hash may be of the protocol chain or of the L2. */
export const transactionQuery = document<
  { transaction: ChainTransaction | null; contractEvents: { totalCount: number; nodes: ContractEvent[] } },
  { hash: string }
>(`query Transaction($hash: Hex!) {
  transaction(id: $hash) { ${CHAIN_TRANSACTION} }
  contractEvents(where: { txHash: { _eq: $hash } }, first: 100) {
    totalCount
    nodes { block logIndex contract name args time finality }
  }
}`);
