import { join } from "node:path";
import { ed25519Signer } from "#crypto";
import type { Chain } from "#node/chain/options.ts";
import { createDelivery } from "#node/delivery/delivery.ts";
import { createContentStore } from "#node/edge/content-store.ts";
import { createEdge } from "#node/edge/server.ts";
import { useNativeSszHasher } from "#protocol/crypto/ssz-hasher.ts";
import { MAX_LANES_PER_SESSION } from "#protocol/params/limits.ts";
import type { CertifiedBlock } from "#protocol/types/block.ts";
import { bytesKey } from "#protocol/types/bytes-key.ts";
import { SignedTransaction, SubmitAcks, TX } from "#protocol/types/transactions.ts";
import { accountOf } from "../support/accounts.ts";
import { chainProcess } from "../support/chain-process.ts";
import { networkSeed } from "../support/committee.ts";
import { endpointOf, loopbackNetwork } from "../support/loopback.ts";
import { fail, serve, setupOf } from "../support/processes.ts";
import { Sums } from "../support/sums.ts";
import { now, usageOf } from "../support/usage.ts";
import type { FromNode, NodeSetup, PaidBlock, ToNode } from "./messages.ts";
import { sessionOf } from "./people.ts";

const CONTENT_BYTES = 1 << 20;

function say(message: FromNode): void {
  process.send?.(message);
}

/** A whole node of the committee in this process, but for its L2, which stands still. */
class BenchNode {
  readonly #setup: NodeSetup;
  readonly #sums = new Sums();
  readonly #network: ReturnType<typeof loopbackNetwork>;
  readonly #accounts: Uint8Array[];
  readonly #numbers: Map<string, number>;
  readonly #heights: number[] = [];
  readonly #at: number[] = [];
  readonly #paid: PaidBlock[] = [];
  #chain: Chain | undefined;

  constructor(setup: NodeSetup) {
    this.#setup = setup;
    this.#network = loopbackNetwork(setup.nodeId, this.#sums);
    this.#accounts = Array.from({ length: setup.clients }, (_, number) => accountOf(number));
    this.#numbers = new Map(this.#accounts.map((account, number) => [bytesKey(account), number]));
  }

  async listen(): Promise<void> {
    useNativeSszHasher();
    await this.#network.start();
    say({ type: "listening", endpoint: endpointOf(this.#network.addresses()) });
  }

  async handle(message: ToNode): Promise<void> {
    switch (message.type) {
      case "start":
        return this.#start(message.endpoints);
      case "submit":
        for (const transaction of message.transactions) await this.#chain?.submit(transaction);
        return say({ type: "submitted" });
      case "authorized":
        return say({ type: "authorized", all: this.#allAuthorized() });
      case "usage":
        return say({ type: "usage", usage: usageOf(this.#sums) });
      case "report":
        return say({ type: "report", heights: this.#heights, at: this.#at, paid: this.#paid });
    }
  }

  async #start(endpoints: string[]): Promise<void> {
    const { nodeId: self, dir, startTime } = this.#setup;
    const { chain, common } = await chainProcess({
      ...{ self, dir, startTime, endpoints, accounts: this.#accounts },
      ...{ network: this.#network, sums: this.#sums },
    });
    this.#chain = chain;
    chain.onBlock((block) => this.#onBlock(block));
    await chain.start();
    const signer = ed25519Signer(networkSeed(self));
    const delivery = createDelivery({ ...common, signer, chain, pool: chain });
    await delivery.start();
    const content = await createContentStore({ dir: join(dir, "content") });
    const { hash } = await content.put(contentOf(self));
    const at = { host: "127.0.0.1", port: 0, portOption: "none" };
    const edge = createEdge({ ...common, ...at, signer, content, delivery, chain });
    await edge.start();
    say({ type: "ready", url: edge.url(), content: hash });
  }

  #allAuthorized(): boolean {
    return this.#accounts.every((account, number) =>
      this.#chain?.session(account, sessionOf(number).publicKey),
    );
  }

  #onBlock({ block }: CertifiedBlock): void {
    const height = block.input.index;
    this.#heights.push(height);
    this.#at.push(now());
    if (this.#setup.nodeId !== 1) return;
    const lanes: number[] = [];
    const counts: number[] = [];
    for (const [at, bytes] of block.input.transactions.entries()) {
      const { kind, payload } = SignedTransaction.deserialize(bytes);
      if (kind !== TX.submitAcks) continue;
      const { ackStatus = [] } = block.receipts[at] ?? {};
      for (const [which, { ack }] of SubmitAcks.deserialize(payload).acks.entries()) {
        // "OK" is the first code
        if (ackStatus[which] !== 0) continue;
        lanes.push((this.#numbers.get(bytesKey(ack.account)) ?? 0) * MAX_LANES_PER_SESSION + ack.lane);
        counts.push(ack.count);
      }
    }
    if (lanes.length === 0) return;
    this.#paid.push({ height, lanes: Uint32Array.from(lanes), counts: Uint32Array.from(counts) });
  }
}

async function* contentOf(nodeId: number): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(CONTENT_BYTES).fill(nodeId);
}

const node = new BenchNode(setupOf<NodeSetup>());
serve<ToNode>((message) => node.handle(message));
await node.listen().catch(fail);
