import { setTimeout as sleep } from "node:timers/promises";
import { ed25519Signer } from "#crypto";
import { createMetrics } from "#node/metrics/metrics.ts";
import { systemClock } from "#node/network/system-clock.ts";
import { answerSample } from "#node/reputation/answer.ts";
import { Meter } from "#node/reputation/meter.ts";
import { Prober } from "#node/reputation/prober.ts";
import { Ration } from "#node/reputation/ration.ts";
import { ROUNDS } from "#node/reputation/rounds.ts";
import type { Samples } from "#node/reputation/samples.ts";
import { MAX_SAMPLE_BYTES } from "#node/reputation/wire.ts";
import { MAX_REPORTED_PEERS } from "#protocol/params/limits.ts";
import { networkSeed } from "../support/committee.ts";
import { loopbackNetwork } from "../support/loopback.ts";
import { Rng } from "../support/rng.ts";

/** ms that questions are asked, about ten a second, and that both ends were looked at without */
const ASK_MS = 12_000;
const IDLE_MS = 4_000;
const DAY_S = 86_400;
const ASKER = 1;
const ASKED = 2;

export interface Measuring {
  questions: number;
  /** of both ends together: what a node needs that asks as many as it is asked */
  cpuMsPerQuestion: number;
  bytesPerQuestion: number;
  /** of a core, and bytes a second in each direction, of a node with 64 observed peers and epochs of a day */
  cpuPercent: number;
  bytesPerSecond: number;
}

/** What it costs a node to observe 64 peers and to be observed by as many: two nodes of one process, over TCP and encrypted. */
export async function measureMeasuring(): Promise<Measuring> {
  const asker = loopbackNetwork(ASKER, createMetrics());
  const asked = loopbackNetwork(ASKED, createMetrics());
  const networks = [asker, asked];
  const samples = contentOf(4 * MAX_SAMPLE_BYTES);
  const ration = new Ration();
  // more than one observer gets: the questions are those of 64
  ration.begin([ASKER]);
  asked.onRequest("probe", (from, message) => {
    ration.begin([ASKER]);
    return answerSample(samples, ration, from, message);
  });
  await Promise.all(networks.map((network) => network.start()));
  try {
    const records = networks.map((network) => ({
      nodeId: network.self,
      networkKey: ed25519Signer(networkSeed(network.self)).publicKey,
      addresses: network.addresses(),
    }));
    for (const network of networks) network.setPeers(records);
    while (asker.connected().length === 0) await sleep(50);
    const idle = await cpuOf(() => sleep(IDLE_MS));
    let questions = 0;
    let bytes = 0;
    const request: typeof asker.request = async (to, channel, message, options) => {
      const answer = await asker.request(to, channel, message, options);
      questions += 1;
      bytes += message.length + answer.length;
      return answer;
    };
    const meter = new Meter();
    meter.begin([ASKED]);
    const rng = new Rng(1);
    const onError = (error: unknown): never => {
      throw error;
    };
    const prober = new Prober({
      ...{ network: { request }, meter, samples, clock: systemClock, onError },
      random: () => rng.next(),
    });
    const busy = await cpuOf(async () => {
      prober.begin(0);
      await sleep(ASK_MS);
      await prober.stop();
    });
    return figuresOf(questions, busy - (idle * ASK_MS) / IDLE_MS, bytes);
  } finally {
    await Promise.all(networks.map((network) => network.stop()));
  }
}

function figuresOf(questions: number, cpuMs: number, bytes: number): Measuring {
  const each = 2 * ROUNDS * MAX_REPORTED_PEERS;
  const cpuMsPerQuestion = cpuMs / questions;
  const bytesPerQuestion = bytes / questions;
  return {
    ...{ questions, cpuMsPerQuestion, bytesPerQuestion },
    cpuPercent: (100 * each * cpuMsPerQuestion) / (1_000 * DAY_S),
    bytesPerSecond: (each * bytesPerQuestion) / DAY_S,
  };
}

/** ms */
async function cpuOf(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

function contentOf(size: number): Samples {
  const content = Uint8Array.from({ length: size }, (_, i) => (i * 31) % 251);
  const hash = new Uint8Array(32).fill(7);
  return {
    pick: async () => ({ hash, size }),
    read: async (_, offset, length) => content.slice(offset, offset + length),
  };
}
