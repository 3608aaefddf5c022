import type { ProcessState } from "./supervisor.ts";

export interface NodeStatus {
  name: string;
  state: ProcessState;
  member: boolean;
  /** height of its last block, -1 before the first */
  height: number;
}

export interface SettlementStatus {
  epoch: number;
  gas: bigint;
  txHash: string;
}

/** What the display shows: one object that the parts of the local network keep up to date. */
export interface Status {
  step: string;
  /** protocol epoch; undefined before the start */
  epoch: number | undefined;
  /** Unix ms */
  epochEnd: number | undefined;
  height: number;
  nodes: NodeStatus[];
  deliveries: number;
  acks: number;
  bytes: number;
  /** fetches that failed and were tried again, by code */
  retries: Map<string, number>;
  settled: SettlementStatus[];
  /** L2 block of the newest of them */
  settledBlock: bigint;
  claims: number;
  /** newest settled epoch for which everybody has claimed, -1 before the first */
  claimedUpTo: number;
  graphql: string | undefined;
}

export function newStatus(): Status {
  return {
    step: "starting",
    epoch: undefined,
    epochEnd: undefined,
    height: -1,
    nodes: [],
    deliveries: 0,
    acks: 0,
    bytes: 0,
    retries: new Map(),
    settled: [],
    settledBlock: 0n,
    claims: 0,
    claimedUpTo: -1,
    graphql: undefined,
  };
}
