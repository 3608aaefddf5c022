import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { DEVNET_PASSWORD } from "#cli/devnet/options.ts";
import type { LocalNode } from "#cli/devnet/world.ts";
import { getReceipt, type TransactionReceipt } from "#client/actions/get-receipt.ts";
import { sendRawTransaction } from "#client/actions/send-transaction.ts";
import { openKeystore } from "#node/keys/keystore.ts";
import { signNodeTransaction } from "#protocol/digests/transactions.ts";
import { isFlkError } from "#protocol/errors/error.ts";
import type { Hex } from "#protocol/types/hex.ts";
import { TX } from "#protocol/types/transactions.ts";
import { Rng } from "#scripts/bench/support/rng.ts";
import type { FaultNetwork } from "./network.ts";

/** ms between two looks for a receipt, and between two attempts to bring a transaction */
const LOOK_MS = 300;
/** What was accepted is in a block within so long after the faults have ended. */
const COMMITTED_MS = 60_000;

/** Both use up the nonce: a node that is in says so again. */
const EFFECTIVE: ReadonlySet<string> = new Set(["OK", "ERR_ALREADY_OPTED"]);

/** The operator of every node says again and again that its node is in: one transaction after the other, each at a node by chance. */
export class Load {
  /** ids that a node answered to have accepted */
  readonly accepted: Hex[] = [];
  /** attempts that were not accepted, by code */
  readonly refused = new Map<string, number>();
  readonly #network: FaultNetwork;
  readonly #seed: number;
  readonly #ending = new AbortController();
  readonly #ended: AbortSignal;
  #senders: Promise<unknown> = Promise.resolve();

  constructor(network: FaultNetwork, seed: number) {
    this.#network = network;
    this.#seed = seed;
    this.#ended = AbortSignal.any([this.#ending.signal, network.signal]);
  }

  async start(nodes: readonly LocalNode[] = this.#network.nodes): Promise<void> {
    const senders = await Promise.all(nodes.map(async (node) => ({ node, sign: await signerOf(node) })));
    this.#senders = Promise.all(senders.map(({ sign }, at) => this.#send(sign, new Rng(this.#seed + at))));
    this.#senders.catch(() => this.#ending.abort());
  }

  /** No more is sent; all that was accepted has taken effect, in the same block on every one of `nodes`. */
  async end(nodes: readonly LocalNode[] = this.#network.running()): Promise<void> {
    this.#ending.abort();
    await this.#senders;
    for (const id of this.accepted) {
      const heights = new Set<number>();
      for (const node of nodes) heights.add((await this.#committed(id, node)).height);
      assert.equal(heights.size, 1, `transaction ${id} is in blocks ${[...heights]}`);
    }
  }

  async #committed(id: Hex, node: LocalNode): Promise<TransactionReceipt> {
    const what = `transaction ${id}, which was accepted, in a block of ${node.name}`;
    const find = (): Promise<TransactionReceipt | undefined> => getReceipt(node.persona.node, { id });
    const receipt = await this.#network.until(what, find, COMMITTED_MS);
    assert.ok(EFFECTIVE.has(receipt.status), `transaction ${id} on ${node.name}: ${receipt.status}`);
    return receipt;
  }

  async #send(sign: (nonce: number) => Uint8Array, rng: Rng): Promise<void> {
    for (let nonce = 0; !this.#ended.aborted; nonce++) {
      const id = await this.#bring(sign(nonce), rng);
      if (id === undefined) return;
      this.accepted.push(id);
      await this.#effect(id, rng);
    }
  }

  /** Until a node accepts it, or the load ends. */
  async #bring(bytes: Uint8Array, rng: Rng): Promise<Hex | undefined> {
    while (!this.#ended.aborted) {
      const node = this.#any(rng);
      try {
        if (node) return await sendRawTransaction(node.persona.node, bytes);
      } catch (error) {
        // a node that starts takes nothing yet, and one that died may have taken it before it could say so
        if (!isFlkError(error)) throw error;
        this.refused.set(error.code, (this.refused.get(error.code) ?? 0) + 1);
      }
      await sleep(LOOK_MS);
    }
    return undefined;
  }

  /** Until some node has its receipt, or the load ends: the next nonce has to wait for it. */
  async #effect(id: Hex, rng: Rng): Promise<void> {
    while (!this.#ended.aborted) {
      await sleep(LOOK_MS);
      const node = this.#any(rng);
      const receipt = node && (await getReceipt(node.persona.node, { id }).catch(() => undefined));
      if (receipt) return;
    }
  }

  #any(rng: Rng): LocalNode | undefined {
    const running = this.#network.running();
    return running[rng.int(0, running.length - 1)];
  }
}

async function signerOf(node: LocalNode): Promise<(nonce: number) => Uint8Array> {
  const { network: signer } = await openKeystore({ dir: node.home.keystore, password: DEVNET_PASSWORD });
  const { network } = node.persona;
  return (nonce) =>
    signNodeTransaction(network, { kind: TX.optIn, body: { node: node.nodeId, nonce } }, signer);
}
