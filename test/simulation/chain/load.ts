import type { Chain } from "#node/chain/options.ts";
import { transactionId } from "#protocol/digests/ids.ts";
import { signNodeTransaction } from "#protocol/digests/transactions.ts";
import { errorCode } from "#protocol/errors/error.ts";
import { toHex } from "#protocol/types/hex.ts";
import { TX } from "#protocol/types/transactions.ts";
import type { Rng } from "#scripts/bench/support/rng.ts";
import type { SimWorld } from "./genesis.ts";
import type { Machine } from "./machine.ts";

/** Transactions of one operator that wait. */
const MAX_WAITING = 8;

interface Sent {
  id: string;
  bytes: Uint8Array;
}

interface Sender {
  machine: Machine;
  nonce: number;
  /** that nobody has taken so far */
  bytes: Uint8Array;
  /** taken and without an effect, by nonce */
  waiting: Sent[];
}

export interface SeenChain {
  isFinal(id: string): boolean;
  /** in a block, and its nonce did not fit there: the same bytes may take effect later */
  isRefused(id: string): boolean;
}

/** The operator of every honest node sends one transaction after the other, at its node and sometimes at another one, too. */
export class Load {
  /** ids of what an honest node accepted */
  readonly accepted = new Set<string>();
  #world: SimWorld;
  #rng: Rng;
  #senders: Sender[];
  #chain: SeenChain;

  constructor(world: SimWorld, rng: Rng, machines: readonly Machine[], chain: SeenChain) {
    this.#world = world;
    this.#rng = rng;
    this.#chain = chain;
    const honest = machines.filter(({ byzantine }) => !byzantine);
    this.#senders = honest.map((machine) => ({
      machine,
      nonce: 0,
      bytes: this.#transaction(machine.id, 0),
      waiting: [],
    }));
  }

  /** Accepted, and in no block. */
  missing(): string[] {
    return [...this.accepted].filter((id) => !this.#chain.isFinal(id) && !this.#chain.isRefused(id));
  }

  /** One transaction: new, or one again that nobody took or whose nonce came too early. */
  send(): void {
    const sender = this.#senders[this.#rng.int(0, this.#senders.length - 1)];
    if (!sender) return;
    this.#again(sender);
    if (sender.waiting.length >= MAX_WAITING) return;
    this.#submit(sender, sender.machine.chain, sender.bytes);
    const other = this.#senders[this.#rng.int(0, this.#senders.length - 1)];
    if (this.#rng.chance(0.2)) this.#submit(sender, other?.machine.chain, sender.bytes);
  }

  #again(sender: Sender): void {
    sender.waiting = sender.waiting.filter(({ id }) => !this.#chain.isFinal(id));
    const first = sender.waiting[0];
    if (first && this.#chain.isRefused(first.id)) this.#submit(sender, sender.machine.chain, first.bytes);
  }

  #submit(sender: Sender, chain: Chain | undefined, bytes: Uint8Array): void {
    if (!chain) return;
    const taken = () => {
      const id = toHex(transactionId(bytes));
      this.accepted.add(id);
      if (sender.bytes !== bytes) return;
      sender.waiting.push({ id, bytes });
      sender.nonce++;
      sender.bytes = this.#transaction(sender.machine.id, sender.nonce);
    };
    chain.submit(bytes).then(taken, (error) => {
      // it took effect before, and nobody could tell its sender
      const before = this.#chain.isFinal(toHex(transactionId(bytes)));
      if (errorCode(error) === "ERR_BAD_NONCE" && before) taken();
    });
  }

  /** The first node leaves and comes back, the others say again that they are in: that uses a nonce, and no more. */
  #transaction(node: number, nonce: number): Uint8Array {
    const leaves = node === this.#senders?.[0]?.machine.id && nonce % 2 === 0;
    const signer = this.#world.keys[node - 1]?.network;
    if (!signer) throw new Error(`no node ${node}`);
    const kind = leaves ? TX.optOut : TX.optIn;
    return signNodeTransaction(this.#world.context, { kind, body: { node, nonce } }, signer);
  }
}
