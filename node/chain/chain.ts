import { ChainCore } from "./core.ts";
import type { Chain, ChainOptions } from "./options.ts";
import { PeerSide } from "./peer-side.ts";
import { chainView } from "./view.ts";

/**
 * The protocol chain of one node. `start` waits for the L2 on the first run; reads need it to have resolved.
 * @throws from `start`: ERR_WRONG_NETWORK, ERR_STATE_RECORDS, ERR_L2_CHAIN_ID, ERR_L2_FORK, ERR_STORE, ERR_ABORTED
 */
export function createChain(options: ChainOptions): Chain {
  const core = new ChainCore(options);
  const peers = new PeerSide(core);
  const { blocks, settlements, certified, epochHandlers, pool } = core;
  const view = chainView({
    state: () => core.importer.state,
    head: () => core.head(),
    ...{ blocks, settlements, epochHandlers },
    certified: () => certified.height,
    blockHandlers: certified.handlers,
  });
  return {
    ...view,
    start: async () => {
      await core.start({ advanced: () => peers.announce(), wake: () => peers.wake() });
      peers.start();
      await core.runner.reconcile();
    },
    stop: async () => {
      const stopping = core.stop();
      await peers.stop();
      await stopping;
    },
    behind: () => peers.behind(),
    submit: (transaction) => pool.submit(transaction),
    receipt: async (txId) => {
      const receipt = await blocks.receipt(txId);
      return receipt && receipt.height <= certified.height ? receipt : undefined;
    },
  };
}
