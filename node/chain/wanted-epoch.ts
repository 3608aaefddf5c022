import type { Logger } from "#node/interface/logger.ts";
import type { Store } from "#node/interface/store.ts";
import type { Committee } from "#protocol/types/committee.ts";
import type { CertifiedChain } from "./attestation/certified-chain.ts";
import type { WantedEpoch } from "./consensus-runner.ts";
import type { Importer } from "./import/importer.ts";
import { readFloor } from "./protection/records.ts";
import type { ClosedRecord } from "./settlement/closed-record.ts";
import type { SettlementStore } from "./settlement/settlement-store.ts";
import type { Settler } from "./settlement/settler.ts";

interface Chain {
  importer: Importer;
  certified: CertifiedChain;
  settlements: SettlementStore;
  settler: Settler;
  store: Store;
  logger: Logger;
}

/**
 * The epoch whose consensus this node should run. The instance of a closed epoch goes on, for members that have not got so far, until
 * certificates are here of the settlement, which opens the next epoch, and of every block, by which others can get it. Faulty members may
 * sign some of them and not the others, and those who lag would have a block from nobody.
 */
export async function wantedEpoch(chain: Chain): Promise<WantedEpoch | undefined> {
  const { importer, settler } = chain;
  // while a closing block is on its way to the disk, the state tells of an epoch that has no records yet
  await importer.idle();
  const { epoch, seed, height, blocks } = importer.state;
  const committee = importer.state.committee();
  const between = epoch > 0 && blocks === 0;
  const closing =
    settler.waiting()?.record ?? (between ? await uncertified(chain, epoch, height) : undefined);
  if (closing) {
    const { settlement, committee: signing, seed: closed } = closing;
    if (!(await maySign(chain, signing))) return undefined;
    return { epoch: settlement.epoch, committee: signing, opening: settlement.previous, seed: closed };
  }
  if (!(await maySign(chain, committee))) return undefined;
  return { epoch, committee, seed, opening: await importer.opening(epoch) };
}

/** The epoch before `epoch`, when a block up to its last one, at `height`, has no commit certificate here. */
async function uncertified(
  { certified, settlements }: Chain,
  epoch: number,
  height: number,
): Promise<ClosedRecord | undefined> {
  return certified.height >= height ? undefined : settlements.closed(epoch - 1);
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
