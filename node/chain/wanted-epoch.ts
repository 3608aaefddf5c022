import type { Logger } from "#node/interface/logger.ts";
import type { Store } from "#node/interface/store.ts";
import type { Committee } from "#protocol/types/committee.ts";
import type { WantedEpoch } from "./consensus-runner.ts";
import type { Importer } from "./import/importer.ts";
import { readFloor } from "./protection/records.ts";
import type { Settler } from "./settlement/settler.ts";

interface Chain {
  importer: Importer;
  settler: Settler;
  store: Store;
  logger: Logger;
}

/**
 * The epoch whose consensus this node should run. The instance of a closed epoch goes on, for members that have not got so far, until
 * its settlement certificate is here: that is what opens the next epoch.
 */
export async function wantedEpoch(chain: Chain): Promise<WantedEpoch | undefined> {
  const { importer, settler } = chain;
  const { state } = importer;
  const settling = settler.waiting();
  if (settling) {
    const { settlement, committee, seed } = settling.record;
    if (!(await maySign(chain, committee))) return undefined;
    return { epoch: settlement.epoch, committee, opening: settlement.previous, seed };
  }
  const { epoch, seed } = state;
  const committee = state.committee();
  if (!(await maySign(chain, committee))) return undefined;
  return { epoch, committee, seed, opening: await importer.opening(epoch) };
}

/** Whether we hold a seat in an epoch that is not below the floor of `protection/` (PROT-5). */
async function maySign({ importer, store, logger }: Chain, committee: Committee): Promise<boolean> {
  if (!importer.isMember(committee)) return false;
  const { epoch } = committee;
  const floor = await readFloor(store);
  if (epoch >= floor) return true;
  logger.warn("epoch sat out: what we signed in it may be forgotten", { epoch, floor });
  return false;
}
