import type { ChainView, HeadView } from "#node/interface/chain-view.ts";
import { observedBy } from "#node/transition/epoch/reputation/ring.ts";
import type { State } from "#node/transition/state.ts";
import type { CertifiedBlock } from "#protocol/types/block.ts";
import type { BlockStore } from "./import/block-store.ts";
import { ExpectedStandings, nodePlace, nodeStatus } from "./node-status.ts";
import type { SettlementStore } from "./settlement/settlement-store.ts";

export function headView(state: State): HeadView {
  return {
    epoch: state.epoch,
    blocks: state.blocks,
    height: state.height,
    blockRoot: state.blockRoot,
    stateRoot: state.stateRoot,
    time: state.time,
    epochEnd: state.epochEnd,
    l2Number: state.l2View.number,
  };
}

export interface ChainReads {
  state(): State;
  /** of the last block that is on disk */
  head(): HeadView;
  blocks: BlockStore;
  settlements: SettlementStore;
  /** last height up to which every block has its certificate */
  certified(): number;
  blockHandlers: Set<(block: CertifiedBlock) => void>;
  epochHandlers: Set<(closedEpoch: number) => void>;
}

export function chainView(reads: ChainReads): ChainView {
  const expected = new ExpectedStandings();
  const { state, head, blocks, settlements, certified, blockHandlers, epochHandlers } = reads;
  return {
    head,
    committee: () => state().committee(),
    account: (address) => state().account(address),
    session: (account, key) => state().session(account, key),
    node: (nodeId) => state().node(nodeId),
    nodes: () => state().nodes(),
    service: (serviceId) => state().service(serviceId),
    services: () => state().services(),
    standing: (nodeId) => state().reputation.standings.get(String(nodeId)),
    place: (nodeId) => nodePlace(state(), nodeId),
    status: (nodeId) => nodeStatus(state(), nodeId, expected),
    observed: (nodeId) => observedBy(state().reputation.ring.value, nodeId),
    lanePaid: (laneId) => state().lanePaid(laneId),
    reservation: (key) => state().reservation(key),
    delegate: (account, subkey, epoch) => state().delegate(account, subkey, epoch),
    parameter: (name) => state().parameter(name),
    report: (epoch) => settlements.report(epoch),
    settlement: (epoch) => settlements.certificate(epoch),
    block: async (height) => (height > certified() ? undefined : blocks.certified(height)),
    onBlock: (handler) => subscribe(blockHandlers, handler),
    onEpoch: (handler) => subscribe(epochHandlers, handler),
  };
}

function subscribe<T>(handlers: Set<T>, handler: T): () => void {
  handlers.add(handler);
  return () => void handlers.delete(handler);
}
