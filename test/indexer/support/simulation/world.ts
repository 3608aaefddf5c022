import type { Hex } from "viem";
import type { Rng } from "#scripts/bench/support/rng.ts";
import { CLIENT, OTHER, operatorOf, TestChain } from "../chain.ts";
import { FakeL2 } from "../fake-l2.ts";

const FLK = 10n ** 18n;
const CLIENTS: Hex[] = [CLIENT, OTHER];

/** An L2 and a protocol chain that live on by chance; what an indexer has of them in the end must not depend on what it met. */
export class RandomWorld {
  readonly l2 = new FakeL2();
  readonly chain = new TestChain(this.l2);
  readonly #rng: Rng;
  readonly #claimed = new Map<Hex, { stable: bigint; flk: bigint }>();

  constructor(rng: Rng) {
    this.#rng = rng;
  }

  /** Something happens. `look` lets the indexer see what a reorg takes away again. */
  async step(look: () => Promise<void>): Promise<void> {
    const draw = this.#rng.below(100);
    if (draw < 45) this.#block();
    else if (draw < 60) this.#stake();
    else if (draw < 70) this.#claim();
    else if (draw < 80) await this.#shallowReorg(look);
    else if (draw < 90) this.chain.close();
    else await this.#lostPost(look);
  }

  #account(): Hex {
    return CLIENTS[this.#rng.below(CLIENTS.length)] as Hex;
  }

  #block(): void {
    const { chain } = this;
    const account = this.#account();
    if (this.#rng.chance(0.3)) chain.deposit(account, BigInt(this.#rng.int(1, 10 ** 6)));
    // every deposit is seen at once, so that no report lacks one
    const l2Changes = CLIENTS.map((client) => chain.seen(client)).filter(({ delta }) => delta > 0n);
    const payments = this.#rng.below(4);
    const changes = Array.from({ length: payments }, () => chain.pay(CLIENT, BigInt(this.#rng.int(1, 100))));
    chain.block({ l2Changes, changes });
  }

  #stake(final = true): void {
    const nodeId = this.#rng.int(1, 5);
    const amount = BigInt(this.#rng.int(1, 1000)) * FLK;
    this.l2.emit("staking", "StakeChanged", { nodeId, staked: amount, thawing: 0n }, final);
  }

  #claim(): void {
    const account = operatorOf(2);
    const before = this.#claimed.get(account) ?? { stable: 0n, flk: 0n };
    this.chain.claim(account, before);
    this.#claimed.set(account, { ...(this.chain.payouts.get(account) ?? before) });
  }

  /** Blocks that are not final go, and others come in their place. */
  async #shallowReorg(look: () => Promise<void>): Promise<void> {
    for (let i = this.#rng.int(1, 5); i > 0; i--) this.#stake(false);
    await look();
    this.#drop();
    if (this.#rng.chance(0.5)) this.#stake();
  }

  /** A settlement that was posted is gone, and posted again. */
  async #lostPost(look: () => Promise<void>): Promise<void> {
    const { chain } = this;
    const { epoch } = chain;
    chain.close({ post: false });
    chain.post(epoch, false);
    await look();
    this.#drop();
    chain.post(epoch);
    chain.activate(epoch);
  }

  #drop(): void {
    const { logs, finalized } = this.l2;
    logs.splice(0, logs.length, ...logs.filter(({ blockNumber }) => Number(blockNumber) <= finalized));
    this.l2.head = finalized;
  }
}
