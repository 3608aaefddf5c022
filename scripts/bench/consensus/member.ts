import { join } from "node:path";
import { ed25519Signer, sha256 } from "#crypto";
import { createEpochConsensus } from "#node/chain/narwhal/epoch-consensus.ts";
import { u64 } from "#node/consensus/records.ts";
import type { CommittedSubDag, EpochConsensus } from "#node/interface/consensus.ts";
import type { Store } from "#node/interface/store.ts";
import { createNetwork } from "#node/network/network.ts";
import { systemClock } from "#node/network/system-clock.ts";
import { openStore } from "#node/store/level-store.ts";
import { blsVerifier } from "#protocol/crypto/bls.ts";
import { networkContext } from "#protocol/digests/network.ts";
import { BlockInput } from "#protocol/types/block.ts";
import { benchCommittee, consensusSigner, networkSeed } from "../support/committee.ts";
import { fail } from "../support/processes.ts";
import { SILENT } from "../support/silent.ts";
import { Sums } from "../support/sums.ts";
import { now, usageOf } from "../support/usage.ts";
import { Load } from "./load.ts";
import type { CommittedRange, FromMember, MemberSetup, ToMember } from "./messages.ts";
import { opaqueTransaction, rangesOf } from "./transactions.ts";

const CONTEXT = networkContext(31337, "0x00000000000000000000000000000000000000be");

function tell(message: FromMember): void {
  process.send?.(message);
}

/** One member of the committee in this process: real network, disk and keys; blocks are stored and not executed. */
class Member {
  readonly #setup: MemberSetup;
  readonly #sums = new Sums();
  readonly #committed: CommittedRange[] = [];
  readonly #network: ReturnType<typeof createNetwork>;
  #store: Store | undefined;
  #load: Load | undefined;

  constructor(setup: MemberSetup) {
    this.#setup = setup;
    const listen = ["/ip4/127.0.0.1/tcp/0"];
    const self = setup.nodeId;
    const seed = networkSeed(self);
    this.#network = createNetwork({ self, networkSeed: seed, listen, logger: SILENT, metrics: this.#sums });
  }

  async listen(): Promise<void> {
    const { dir } = this.#setup;
    this.#store = await openStore({ dataDir: join(dir, "data"), protectionDir: join(dir, "protection") });
    await this.#network.start();
    tell({ type: "listening", addresses: this.#network.addresses() });
  }

  async handle(message: ToMember): Promise<void> {
    switch (message.type) {
      case "peers":
        return this.#start(message.addresses);
      case "load":
        return this.#load?.set(message.rate);
      case "usage":
        return tell({ type: "usage", usage: usageOf(this.#sums) });
      case "report":
        return tell({
          type: "report",
          submitted: Float64Array.from(this.#load?.submitted ?? []),
          committed: this.#committed,
          refused: this.#load?.refused ?? 0,
        });
    }
  }

  async #start(addresses: string[][]): Promise<void> {
    const { nodeId, members, bytes } = this.#setup;
    const everyoneElse = new Promise<void>((resolve) => {
      this.#network.onConnect(() => {
        if (this.#network.connected().length === members - 1) resolve();
      });
    });
    this.#network.setPeers(
      addresses.map((own, at) => ({
        nodeId: at + 1,
        networkKey: ed25519Signer(networkSeed(at + 1)).publicKey,
        addresses: own,
      })),
    );
    if (members > 1) await everyoneElse;
    const consensus = this.#create();
    await consensus.start();
    const make = (sequence: number) => opaqueTransaction(nodeId, sequence, bytes);
    this.#load = new Load(make, (transactions) => consensus.submit(transactions), fail);
    tell({ type: "ready" });
  }

  #create(): EpochConsensus {
    const { nodeId, members, timing } = this.#setup;
    return createEpochConsensus({
      context: CONTEXT,
      committee: benchCommittee(members),
      self: nodeId,
      signer: consensusSigner(nodeId),
      verifier: blsVerifier,
      opening: sha256(Uint8Array.of(1)),
      seed: sha256(Uint8Array.of(2)),
      timing,
      network: this.#network,
      store: this.#store as Store,
      clock: systemClock,
      logger: SILENT,
      metrics: this.#sums,
      nextCheckpoints: () => [],
      takeAttestations: () => [],
      onAttestations: () => {},
      onCommit: (subDag) => this.#commit(subDag),
      onFatal: fail,
    });
  }

  async #commit({ input, cursor }: CommittedSubDag): Promise<{ closed: boolean }> {
    const key = u64(input.index);
    await this.#store?.write([...cursor, { namespace: "block", key, value: BlockInput.serialize(input) }]);
    for (const range of rangesOf(input.transactions, now())) this.#committed.push(range);
    return { closed: false };
  }
}

const member = new Member(JSON.parse(process.argv[2] ?? "") as MemberSetup);
process.on("message", (message: ToMember) => void member.handle(message).catch(fail));
// the bench that started it is gone
process.on("disconnect", () => process.exit(0));
await member.listen().catch(fail);
