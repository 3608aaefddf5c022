import type { Chain } from "#node/chain/options.ts";
import { createNetwork } from "#node/network/network.ts";
import { useNativeSszHasher } from "#protocol/crypto/ssz-hasher.ts";
import type { CertifiedBlock } from "#protocol/types/block.ts";
import { chainProcess } from "../support/chain-process.ts";
import { networkSeed } from "../support/committee.ts";
import { fail } from "../support/processes.ts";
import { SILENT } from "../support/silent.ts";
import { Sums } from "../support/sums.ts";
import { now, usageOf } from "../support/usage.ts";
import { Load } from "./load.ts";
import type { CommittedRange, FromMember, MemberSetup, ToMember } from "./messages.ts";
import { signedTransfer, TransferReader, transferAccounts } from "./transfers.ts";

function tell(message: FromMember): void {
  process.send?.(message);
}

/** One member with its whole chain in this process: it orders, checks, executes, attests and stores. Its client hands in what was signed before. */
class ExecutingMember {
  readonly #setup: MemberSetup;
  readonly #sums = new Sums();
  readonly #committed: CommittedRange[] = [];
  readonly #network: ReturnType<typeof createNetwork>;
  readonly #accounts: Uint8Array[];
  readonly #reader: TransferReader;
  readonly #load: Load;
  readonly #signed: Uint8Array[] = [];
  #chain: Chain | undefined;

  constructor(setup: MemberSetup) {
    this.#setup = setup;
    const self = setup.nodeId;
    const listen = ["/ip4/127.0.0.1/tcp/0"];
    const networkOptions = { self, networkSeed: networkSeed(self), listen, logger: SILENT };
    this.#network = createNetwork({ ...networkOptions, metrics: this.#sums });
    this.#accounts = transferAccounts(setup.members);
    this.#reader = new TransferReader(this.#accounts);
    this.#load = new Load(
      (sequence) => this.#transfer(sequence),
      (some) => this.#submit(some),
      fail,
    );
  }

  async listen(): Promise<void> {
    useNativeSszHasher();
    const { nodeId, transfers } = this.#setup;
    for (let n = 0; n < transfers; n++) this.#signed.push(signedTransfer(nodeId, n, this.#accounts));
    await this.#network.start();
    tell({ type: "listening", addresses: this.#network.addresses() });
  }

  async handle(message: ToMember): Promise<void> {
    switch (message.type) {
      case "peers":
        return this.#start(message.addresses);
      case "load":
        return this.#load.set(message.rate);
      case "usage":
        return tell({ type: "usage", usage: usageOf(this.#sums) });
      case "report": {
        const { submitted, refused } = this.#load;
        return tell({
          ...{ type: "report", submitted: Float64Array.from(submitted) },
          ...{ committed: this.#committed, refused },
        });
      }
    }
  }

  async #start(addresses: string[][]): Promise<void> {
    const { nodeId: self, dir, startTime, timing } = this.#setup;
    const endpoints = addresses.map(([first = ""]) => first.replace(/\/p2p\/.*$/, ""));
    const { chain } = await chainProcess({
      ...{ self, dir, startTime, endpoints, accounts: this.#accounts },
      ...{ network: this.#network, sums: this.#sums, timing },
    });
    this.#chain = chain;
    const firstBlock = new Promise<void>((resolve) => chain.onBlock(() => resolve()));
    chain.onBlock((block) => this.#onBlock(block));
    await chain.start();
    await firstBlock;
    tell({ type: "ready" });
  }

  #transfer(sequence: number): Uint8Array {
    return this.#signed[sequence] ?? signedTransfer(this.#setup.nodeId, sequence, this.#accounts);
  }

  async #submit(transactions: Uint8Array[]): Promise<void> {
    // one after the other, as their nonces are
    for (const transaction of transactions) await this.#chain?.submit(transaction);
  }

  #onBlock({ block }: CertifiedBlock): void {
    // "OK" is the first code
    const executed = block.receipts.map(({ status }) => status === 0);
    this.#committed.push(...this.#reader.rangesOf(block.input.transactions, executed, now()));
  }
}

const member = new ExecutingMember(JSON.parse(process.argv[2] ?? "") as MemberSetup);
process.on("message", (message: ToMember) => void member.handle(message).catch(fail));
// the bench that started it is gone
process.on("disconnect", () => process.exit(0));
await member.listen().catch(fail);
