import { join } from "node:path";
import { createChain } from "#node/chain/chain.ts";
import { createEpochConsensus, DEFAULT_TIMING } from "#node/chain/narwhal/epoch-consensus.ts";
import type { Chain } from "#node/chain/options.ts";
import { rememberSignatures } from "#node/chain/support/remembered-signatures.ts";
import type { ConsensusTiming } from "#node/interface/consensus.ts";
import type { SignatureVerifier } from "#node/interface/crypto.ts";
import type { Network } from "#node/interface/network.ts";
import type { Store } from "#node/interface/store.ts";
import { systemClock } from "#node/network/system-clock.ts";
import { openStore } from "#node/store/level-store.ts";
import { signatureVerifier } from "#node/transition/block/signatures.ts";
import { blsVerifier } from "#protocol/crypto/bls.ts";
import { consensusSigner } from "./committee.ts";
import { CONTEXT, standingL2 } from "./network.ts";
import { fail } from "./processes.ts";
import { SILENT } from "./silent.ts";
import type { Sums } from "./sums.ts";

export interface ChainProcessOptions {
  /** nodeId */
  self: number;
  /** for its databases */
  dir: string;
  /** Unix ms of the first epoch */
  startTime: number;
  /** multiaddrs of all nodes, from node 1 on */
  endpoints: readonly string[];
  /** of 20 bytes, each with a deposit */
  accounts: readonly Uint8Array[];
  network: Network;
  sums: Sums;
  timing?: ConsensusTiming;
}

/** What parts beside the chain are made from, too. */
export interface ChainProcess {
  chain: Chain;
  common: {
    context: typeof CONTEXT;
    self: number;
    store: Store;
    clock: typeof systemClock;
    logger: typeof SILENT;
    metrics: Sums;
    signatures: SignatureVerifier;
  };
}

/** The chain of a node in a process of its own: real disk, network and keys over an L2 that stands still. Not started. */
export async function chainProcess(options: ChainProcessOptions): Promise<ChainProcess> {
  const { self, dir, startTime, endpoints, accounts, network, sums } = options;
  const store = await openStore({ dataDir: join(dir, "data"), protectionDir: join(dir, "protection") });
  const signatures = rememberSignatures(signatureVerifier);
  const common = {
    ...{ context: CONTEXT, self, store, clock: systemClock },
    ...{ logger: SILENT, metrics: sums, signatures },
  };
  const chain = createChain({
    ...common,
    ...{ signers: [consensusSigner(self)], verifier: blsVerifier, network },
    ...{ l2: standingL2({ endpoints, accounts, startTime }), timing: options.timing ?? DEFAULT_TIMING },
    ...{ posterStepMs: 0, createConsensus: createEpochConsensus, onFatal: fail },
  });
  return { chain, common };
}
