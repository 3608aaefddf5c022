import type { Genesis } from "#node/interface/l2.ts";
import { equalBytes } from "#protocol/types/codec.ts";
import type { L2Event } from "#protocol/types/l2-events.ts";
import { MAX_POWER } from "#protocol/types/primitives.ts";
import { processL2Event } from "./block/process-l2-event.ts";
import { snapshotEligible } from "./epoch/eligibility.ts";
import { drawRing } from "./epoch/reputation/ring.ts";
import { activatePrices } from "./epoch/roll.ts";
import { transitionError } from "./errors.ts";
import { activateParameters, assertGenesisParameters, epochLength } from "./parameters.ts";
import type { State } from "./state.ts";

/** Fills an empty state (TRN-GENESIS). The seed of epoch 0 is the genesis digest. */
export function initializeGenesis(state: State, genesis: Genesis, events: L2Event[]): void {
  const { startTime, flkSupply } = genesis;
  state.patchMeta({
    networkId: state.network.networkId,
    startTime,
    time: startTime,
    openTime: startTime,
    yearStart: startTime,
    genesisSupply: flkSupply,
    supplyAtYearStart: flkSupply,
    l2View: genesis.checkpoint,
    seed: genesis.digest,
    nextSeed: genesis.digest,
  });
  for (const event of events) processL2Event(state, event, []);
  activateParameters(state);
  activatePrices(state);
  assertGenesisParameters(state);
  for (const member of genesis.committee.members) {
    const node = state.nodeTable.get(String(member.nodeId));
    if (
      !node ||
      member.power > MAX_POWER ||
      node.keyVersion !== member.keyVersion ||
      !equalBytes(node.consensusKey, member.consensusKey)
    ) {
      throw transitionError("ERR_GENESIS_COMMITTEE", "a member of the first committee is not registered so", {
        nodeId: member.nodeId,
      });
    }
  }
  for (const node of [...state.nodeTable.values()]) state.nodeTable.put({ ...node, stakedFrom: 0 });
  state.members.set(genesis.committee);
  state.eligible.set(snapshotEligible(state, 0));
  state.reputation.ring.set(drawRing(state, genesis.digest));
  state.patchMeta({ epochEnd: startTime + epochLength(state) });
  state.setHead(new Uint8Array(32), state.root());
}
