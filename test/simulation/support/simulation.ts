import assert from "node:assert/strict";
import { sha256 } from "#crypto";
import type { ConsensusTiming } from "#node/interface/consensus.ts";
import { networkContext } from "#protocol/digests/network.ts";
import { MIN_TRANSACTION_BYTES } from "#protocol/params/limits.ts";
import { BlockInput } from "#protocol/types/block.ts";
import type { Committee } from "#protocol/types/committee.ts";
import { toHex } from "#protocol/types/hex.ts";
import { Rng } from "#scripts/bench/support/rng.ts";
import { settle, VirtualClock } from "#test/node/chain/support/virtual-clock.ts";
import { DoubleSigns } from "./double-signs.ts";
import { SimHub } from "./sim-network.ts";
import { type SimCrypto, type SimEpoch, SimNode } from "./sim-node.ts";

const START = 1_800_000_000_000;

export function simCommittee(size: number, epoch = 7): Committee {
  const members = Array.from({ length: size }, (_, at) => {
    const key = sha256(Uint8Array.of(at, 42));
    return {
      nodeId: 3 * at + 1,
      keyVersion: 0,
      power: 1,
      consensusKey: new Uint8Array([...key, ...key.subarray(0, 16)]),
    };
  });
  return { epoch, members };
}

/** A committee of real instances over a simulated network, disks and clock. Everything follows from the seed. */
export class Simulation {
  readonly clock = new VirtualClock(START);
  readonly rng: Rng;
  readonly hub: SimHub;
  readonly signs = new DoubleSigns();
  readonly epoch: SimEpoch;
  readonly nodes: SimNode[];
  /** accepted by a member: durable there, so they must be ordered */
  readonly accepted = new Set<string>();
  #sent = 0;

  constructor(options: {
    seed: number;
    size: number;
    timing?: Partial<ConsensusTiming>;
    /** ms */
    length?: number;
    committee?: Committee;
    crypto?: SimCrypto;
  }) {
    const { seed, size, timing, length, committee, crypto } = options;
    this.rng = new Rng(seed);
    this.hub = new SimHub(this.clock, new Rng(seed + 1), (...args) => this.signs.observe(...args));
    const epoch = {
      context: networkContext(31337, "0x00000000000000000000000000000000000000aa"),
      committee: committee ?? simCommittee(size),
      seed: sha256(Uint8Array.of(seed % 256)),
      opening: sha256(Uint8Array.of(1)),
      ...(timing ? { timing } : {}),
      ...(crypto ? { crypto } : {}),
      ...(length === undefined ? {} : { end: START + length }),
    };
    this.epoch = epoch;
    this.nodes = epoch.committee.members.map(
      ({ nodeId }, at) => new SimNode(nodeId, epoch, this.hub, this.clock, new Rng(seed + 100 + at)),
    );
  }

  async start(nodes: readonly SimNode[] = this.nodes): Promise<void> {
    for (const node of nodes) void node.start().catch((error) => node.fatal.push(error));
    await settle();
  }

  run(ms: number): Promise<void> {
    return this.clock.advance(ms);
  }

  /** A client gives a transaction of its own to one member. */
  submit(node: SimNode): void {
    const number = this.#sent++;
    const transaction = new Uint8Array(MIN_TRANSACTION_BYTES + (number % 60));
    new DataView(transaction.buffer).setUint32(0, number);
    const accepted = () => void this.accepted.add(toHex(transaction));
    // refused by a full or stopped member: the client knows that it was not accepted
    node.consensus?.submit([transaction]).then(accepted, () => undefined);
  }

  /** Runs for `ms`, submitting every `everyMs` to a running member. */
  async load(ms: number, everyMs: number): Promise<void> {
    for (let at = 0; at < ms; at += everyMs) {
      const running = this.nodes.filter((node) => node.running);
      const node = running[this.rng.int(0, running.length - 1)];
      if (node) this.submit(node);
      await this.run(everyMs);
    }
  }

  /** What must hold at every moment. Returns the length of the shortest and of the longest chain. */
  async check(): Promise<{ shortest: number; longest: number; ordered: Set<string> }> {
    assert.deepEqual(
      this.nodes.flatMap((node) => node.fatal),
      [],
    );
    assert.deepEqual(this.signs.found, [], "nobody signs twice");
    const chains = await Promise.all(this.nodes.map((node) => node.blocks()));
    const longest = chains.reduce((a, b) => (b.length > a.length ? b : a));
    for (const [at, chain] of chains.entries()) {
      for (const [index, input] of chain.entries()) {
        const other = longest[index];
        assert(
          other && toHex(BlockInput.serialize(other)) === toHex(BlockInput.serialize(input)),
          `node ${at} diverged at block ${index}`,
        );
        assert.equal(input.index, index);
      }
    }
    const ordered = longest.flatMap((input) => input.transactions.map(toHex));
    assert.equal(new Set(ordered).size, ordered.length, "nothing is ordered twice");
    return {
      shortest: Math.min(...chains.map(({ length }) => length)),
      longest: longest.length,
      ordered: new Set(ordered),
    };
  }

  /** After the faults are over: everything accepted is ordered, by everyone. */
  async checkComplete(): Promise<void> {
    const { shortest, longest, ordered } = await this.check();
    const lost = [...this.accepted].filter((transaction) => !ordered.has(transaction));
    assert.deepEqual(lost, [], "everything accepted is ordered");
    assert(this.accepted.size > 20, "the run was under load");
    assert(longest - shortest <= 3, `the slowest node has ${shortest} of ${longest} blocks`);
  }
}
