import type { ChildProcess } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ConsensusTiming } from "#node/interface/consensus.ts";
import { type Answer, answer, ask, ended, startProcess, tell } from "../support/processes.ts";
import type { Usage } from "../support/usage.ts";
import type { FromMember, MemberSetup, ToMember } from "./messages.ts";

const MEMBER = join(import.meta.dirname, "member.ts");
const EXECUTING_MEMBER = join(import.meta.dirname, "executing-member.ts");
/** Transfers are signed meanwhile. */
const START_TIMEOUT_MS = 300_000;
const ANSWER_TIMEOUT_MS = 30_000;

export interface ClusterOptions {
  members: number;
  bytes: number;
  timing: ConsensusTiming;
  /** signed transfers for each member's client, which are executed; 0: opaque transactions, which are not */
  transfers: number;
  /** flags of the node process of the first member, such as --cpu-prof */
  firstArguments: readonly string[];
}

/** A committee of processes on this machine, connected over loopback. */
export class Cluster {
  readonly #dir: string;
  readonly #children: ChildProcess[] = [];
  #stopped = false;

  private constructor(dir: string) {
    this.#dir = dir;
  }

  /** @throws ERR_BENCH_MEMBER when a member fails or does not answer */
  static async start(options: ClusterOptions): Promise<Cluster> {
    const cluster = new Cluster(await mkdtemp(join(tmpdir(), "flk-bench-")));
    try {
      await cluster.#start(options);
      return cluster;
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  get size(): number {
    return this.#children.length;
  }

  /** Transactions a second of all members together. */
  load(rate: number): void {
    for (const child of this.#children) tell(child, { type: "load", rate: rate / this.#children.length });
  }

  async usage(): Promise<Usage[]> {
    const answers = await this.#ask({ type: "usage" }, "usage", ANSWER_TIMEOUT_MS);
    return answers.map(({ usage }) => usage);
  }

  reports(): Promise<Answer<FromMember, "report">[]> {
    return this.#ask({ type: "report" }, "report", ANSWER_TIMEOUT_MS);
  }

  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    await Promise.all(this.#children.map((child) => ended(child)));
    await rm(this.#dir, { recursive: true, force: true });
  }

  async #start({ members, bytes, timing, transfers, firstArguments }: ClusterOptions): Promise<void> {
    const module = transfers > 0 ? EXECUTING_MEMBER : MEMBER;
    const startTime = Date.now();
    for (let nodeId = 1; nodeId <= members; nodeId++) {
      const dir = join(this.#dir, String(nodeId));
      const setup: MemberSetup = { nodeId, members, dir, timing, bytes, transfers, startTime };
      this.#children.push(startProcess(module, setup, nodeId === 1 ? firstArguments : []));
    }
    const listening = await Promise.all(
      this.#children.map((child) => answer<FromMember, "listening">(child, "listening", START_TIMEOUT_MS)),
    );
    const addresses = listening.map((said) => said.addresses);
    await this.#ask({ type: "peers", addresses }, "ready", START_TIMEOUT_MS);
  }

  #ask<Type extends FromMember["type"]>(
    question: ToMember,
    type: Type,
    ms: number,
  ): Promise<Answer<FromMember, Type>[]> {
    return Promise.all(
      this.#children.map((child) => ask<ToMember, FromMember, Type>(child, question, type, ms)),
    );
  }
}
