import { join } from "node:path";
import { ed25519Signer, sha256 } from "#crypto";
import { createEpochConsensus } from "#node/chain/narwhal/epoch-consensus.ts";
import { u64 } from "#node/consensus/records.ts";
import type { CommittedSubDag } from "#node/interface/consensus.ts";
import { systemClock } from "#node/network/system-clock.ts";
import { openStore } from "#node/store/level-store.ts";
import { blsVerifier } from "#protocol/crypto/bls.ts";
import { BlockInput } from "#protocol/types/block.ts";
import { benchCommittee, consensusSigner, networkSeed } from "../support/committee.ts";
import { CONTEXT } from "../support/network.ts";
import { fail } from "../support/processes.ts";
import { SILENT } from "../support/silent.ts";
import { now } from "../support/usage.ts";
import { type MemberParts, type Ordering, runMember } from "./member-process.ts";
import { opaqueTransaction, rangesOf } from "./transactions.ts";

/** Blocks of opaque transactions are stored and not executed. */
async function ordering({ setup, network, sums, committed }: MemberParts): Promise<Ordering> {
  const { nodeId, members, bytes, dir, timing } = setup;
  const store = await openStore({ dataDir: join(dir, "data"), protectionDir: join(dir, "protection") });
  const onCommit = async ({ input, cursor }: CommittedSubDag): Promise<{ closed: boolean }> => {
    const key = u64(input.index);
    await store.write([...cursor, { namespace: "block", key, value: BlockInput.serialize(input) }]);
    committed(rangesOf(input.transactions, now()));
    return { closed: false };
  };
  return {
    transaction: (sequence) => opaqueTransaction(nodeId, sequence, bytes),
    async start(addresses) {
      await connected(network, addresses);
      const consensus = createEpochConsensus({
        context: CONTEXT,
        committee: benchCommittee(members),
        self: nodeId,
        signer: consensusSigner(nodeId),
        verifier: blsVerifier,
        opening: sha256(Uint8Array.of(1)),
        seed: sha256(Uint8Array.of(2)),
        timing,
        network,
        store,
        clock: systemClock,
        logger: SILENT,
        metrics: sums,
        nextCheckpoints: () => [],
        takeAttestations: () => [],
        onAttestations: () => {},
        onCommit,
        onFatal: fail,
      });
      await consensus.start();
      return (transactions) => consensus.submit(transactions);
    },
  };
}

/** Resolves when this member is connected to every other. */
async function connected(network: MemberParts["network"], addresses: string[][]): Promise<void> {
  const everyoneElse = new Promise<void>((resolve) => {
    network.onConnect(() => {
      if (network.connected().length === addresses.length - 1) resolve();
    });
  });
  network.setPeers(
    addresses.map((own, at) => ({
      nodeId: at + 1,
      networkKey: ed25519Signer(networkSeed(at + 1)).publicKey,
      addresses: own,
    })),
  );
  if (addresses.length > 1) await everyoneElse;
}

await runMember(ordering).catch(fail);
