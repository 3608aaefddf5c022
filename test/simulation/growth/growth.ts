import assert from "node:assert/strict";
import { sha256 } from "#crypto";
import { TAG } from "#node/consensus/wire.ts";
import type { ConsensusVerifier } from "#node/interface/crypto.ts";
import type { Channel } from "#node/interface/network.ts";
import { networkContext } from "#protocol/digests/network.ts";
import { opaqueTransaction } from "#scripts/bench/consensus/transactions.ts";
import { Rng } from "#scripts/bench/support/rng.ts";
import { SimClock } from "../support/sim-clock.ts";
import { simSigner, simVerifier } from "../support/sim-crypto.ts";
import { SimHub } from "../support/sim-network.ts";
import { type SimEpoch, SimNode } from "../support/sim-node.ts";
import { simCommittee } from "../support/simulation.ts";

const START = 1_800_000_000_000;
const STEP_MS = 10;
const WARM_UP_MS = 2_000;
/** until everything that was submitted is ordered; nothing is counted */
const TAIL_MS = 5_000;

export interface GrowthOptions {
  nodes: number;
  /** transactions a second, of all members together */
  rate: number;
  /** of a transaction */
  bytes: number;
  /** of load, virtual */
  seconds: number;
}

/** What a committee spends; everything but `cpuMsPerTx` follows from the code and the options alone. */
export interface Growth extends GrowthOptions {
  transactions: number;
  rounds: number;
  messagesPerTx: number;
  bytesPerTx: number;
  /** BLS verifications, of single signatures and of aggregates */
  verificationsPerTx: number;
  /** of the process, with signatures that cost nothing */
  cpuMsPerTx: number;
  /** messages in a round: headers, votes, certificates, batches with their acknowledgements, and all others */
  perRound: Record<Kind, number>;
  /** 3n(n-1): each of n members sends a header to all others and a certificate, and gets a vote from each */
  leastPerRound: number;
}

type Kind = "headers" | "votes" | "certificates" | "batches" | "others";

/** Messages and CPU of a healthy committee under a steady load. */
export async function growth(options: GrowthOptions): Promise<Growth> {
  const { nodes, rate, bytes, seconds } = options;
  const counted = new Counts();
  const clock = new SimClock(START);
  const members = committeeOf(nodes, clock, counted);
  for (const member of members) void member.start().catch((error) => member.fatal.push(error));
  await clock.advance(WARM_UP_MS);
  const roundBefore = roundOf(members);
  counted.reset();
  const cpu = process.cpuUsage();
  let sent = 0;
  for (let at = 0; at < seconds * 1_000; at += STEP_MS) {
    for (const owed = Math.floor((rate * (at + STEP_MS)) / 1_000); sent < owed; sent++) {
      void members[sent % nodes]?.consensus?.submit([opaqueTransaction(sent % nodes, sent, bytes)]);
    }
    await clock.advance(STEP_MS);
  }
  const { user, system } = process.cpuUsage(cpu);
  const rounds = roundOf(members) - roundBefore;
  const figures = counted.figures(sent, rounds);
  await clock.advance(TAIL_MS);
  assert.equal(await ordered(members), sent, "every member orders everything that was submitted");
  return {
    ...options,
    transactions: sent,
    rounds,
    ...figures,
    cpuMsPerTx: round((user + system) / 1_000 / sent),
    leastPerRound: 3 * nodes * (nodes - 1),
  };
}

function committeeOf(nodes: number, clock: SimClock, counted: Counts): SimNode[] {
  const committee = simCommittee(nodes);
  const keyOf = (id: number) => committee.members.find(({ nodeId }) => nodeId === id)?.consensusKey;
  const epoch: SimEpoch = {
    context: networkContext(31337, "0x00000000000000000000000000000000000000aa"),
    committee,
    seed: sha256(Uint8Array.of(1)),
    opening: sha256(Uint8Array.of(2)),
    crypto: { verifier: counted.verifier, signer: (id) => simSigner(keyOf(id) ?? assert.fail()) },
  };
  const hub = new SimHub(clock, new Rng(1), (_, channel, message) => counted.message(channel, message));
  return committee.members.map(({ nodeId }, at) => new SimNode(nodeId, epoch, hub, clock, new Rng(at + 100)));
}

class Counts {
  #kinds: Record<Kind, number> = none();
  #bytes = 0;
  #verifications = 0;
  readonly verifier: ConsensusVerifier = {
    verify: (...args) => this.#verified(simVerifier.verify(...args)),
    verifyAggregate: (...args) => this.#verified(simVerifier.verifyAggregate(...args)),
    aggregate: (signatures) => simVerifier.aggregate(signatures),
  };

  message(channel: Channel, message: Uint8Array): void {
    this.#bytes += message.length;
    this.#kinds[kindOf(channel, message[0])]++;
  }

  reset(): void {
    this.#kinds = none();
    this.#bytes = 0;
    this.#verifications = 0;
  }

  figures(
    transactions: number,
    rounds: number,
  ): Pick<Growth, "messagesPerTx" | "bytesPerTx" | "verificationsPerTx" | "perRound"> {
    const messages = Object.values(this.#kinds).reduce((sum, count) => sum + count, 0);
    const perRound = none();
    for (const kind of Object.keys(perRound) as Kind[]) perRound[kind] = round(this.#kinds[kind] / rounds);
    return {
      messagesPerTx: round(messages / transactions),
      bytesPerTx: Math.round(this.#bytes / transactions),
      verificationsPerTx: round(this.#verifications / transactions),
      perRound,
    };
  }

  #verified(valid: boolean): boolean {
    this.#verifications++;
    return valid;
  }
}

function none(): Record<Kind, number> {
  return { headers: 0, votes: 0, certificates: 0, batches: 0, others: 0 };
}

function kindOf(channel: Channel, tag: number | undefined): Kind {
  if (channel === "batch") return "batches";
  if (channel !== "consensus") return "others";
  switch (tag) {
    case TAG.header:
      return "headers";
    case TAG.vote:
      return "votes";
    case TAG.certificate:
      return "certificates";
    default:
      return "others";
  }
}

function roundOf(members: readonly SimNode[]): number {
  return Math.max(...members.map(({ consensus }) => consensus?.status().round ?? 0));
}

/** Transactions in the blocks that every member has. */
async function ordered(members: readonly SimNode[]): Promise<number> {
  const counts = await Promise.all(
    members.map(async (member) => {
      assert.deepEqual(member.fatal, []);
      const blocks = await member.blocks();
      return blocks.reduce((sum, { transactions }) => sum + transactions.length, 0);
    }),
  );
  return Math.min(...counts);
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}

const COLUMNS = ["nodes", "tx", "messages/tx", "bytes/tx", "checks/tx", "CPU ms/tx", "msgs/round", "3n(n-1)"];

export function growthTable(rows: readonly Growth[]): string {
  const lines = rows.map((row) => {
    const perRound = Object.values(row.perRound).reduce((sum, count) => sum + count, 0);
    const { nodes, transactions, messagesPerTx, bytesPerTx, verificationsPerTx, cpuMsPerTx } = row;
    return [nodes, transactions, messagesPerTx, bytesPerTx, verificationsPerTx, cpuMsPerTx].concat(
      Math.round(perRound),
      row.leastPerRound,
    );
  });
  return [COLUMNS, ...lines]
    .map((line) => line.map((value) => String(value).padStart(12)).join(""))
    .join("\n");
}
