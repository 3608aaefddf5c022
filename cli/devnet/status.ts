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
  /** of modules, and what they took */
  runs: number;
  ms: number;
  /** fetches and runs that failed and were tried again, by code */
  retries: Map<string, number>;
  /** settlements that the L2 has, active or not */
  posted: SettlementStatus[];
  /** L2 block of the newest of them */
  postedBlock: bigint;
  /** newest epoch whose settlement is active, -1 before the first */
  activeUpTo: number;
  claims: number;
  /** newest active epoch for which everybody has claimed, -1 before the first */
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
    runs: 0,
    ms: 0,
    retries: new Map(),
    posted: [],
    postedBlock: 0n,
    activeUpTo: -1,
    claims: 0,
    claimedUpTo: -1,
    graphql: undefined,
  };
}
