import { errorCode, FlkError } from "#protocol/errors/error.ts";
import { toHex } from "#protocol/types/hex.ts";
import { after } from "../after.ts";
import type { FlkClient } from "../client.ts";
import { type ClientCode, clientError } from "../errors.ts";
import type { NodeMemory } from "../node-memory.ts";
import type { RankedNode } from "./pick-from.ts";
import { type PickNodesOptions, pickNodes } from "./pick-nodes.ts";

/** More nodes than results that a job may ask when the caller sets no bound. */
const SPARE_NODES = 4;
/** Part of the deadline after which silence of a node brings in another one. */
const PATIENCE = 1 / 4;
/**
 * Part of the time left that a node may take; then another one is asked as well, however much the first says. After k nodes that drag
 * on, 2^-k of the deadline is left.
 */
const SHARE_OF_TIME = 1 / 2;

/** A piece of work that any of several nodes can do. */
export interface Job<Result> {
  /** so many nodes have to do it; 1 when absent */
  count?: number;
  /** ms from now on */
  deadlineMs: number;
  /** ms without a sign of life after which another node gets the work as well; a quarter of the deadline when absent */
  patienceMs?: number;
  /** what `alive` has to be told of within `patienceMs`, in all, to be a sign of life; 1 when absent */
  minProgress?: number;
  /** nodes that are asked at most, `count` and four more when absent */
  maxNodes?: number;
  /**
   * Does it with one node. Throws where the node fails, or gives something that can be seen to be wrong. `alive` is called
   * when something arrived, with how much of it in the unit of `minProgress` (1 when absent). Once `signal` is aborted nobody waits for it.
   */
  run(node: RankedNode, signal: AbortSignal, alive: (progress?: number) => void): Promise<Result>;
  /** Where a result cannot be checked: what equal results have in common. `count` nodes of different owners must agree then. */
  keyOf?(result: Result): string;
  /** is told who served, who failed and who was silent */
  memory?: Pick<NodeMemory, "served" | "failed" | "silent">;
  signal?: AbortSignal;
}

/** `done`: gave the result. `differs`: gave another one than those that agree. `left`: was not waited for any more. */
export type AttemptState = "running" | "done" | "differs" | "failed" | "left";

/** What came of the work at one node. */
export interface Attempt {
  nodeId: number;
  state: AttemptState;
  /** it said too little for `patienceMs`, or took half of the time that was left, and another node was asked as well */
  silent: boolean;
  /** of a failure */
  code?: string;
  /** until it ended */
  ms?: number;
}

export interface Allocation<Result> {
  /** `count` of them, in the order in which they came */
  results: { nodeId: number; result: Result }[];
  /** every node that was asked, in that order */
  attempts: Attempt[];
}

/** A job that did not get its results, with what there is. */
export class JobFailure<Result> extends FlkError implements Allocation<Result> {
  readonly results: { nodeId: number; result: Result }[];
  readonly attempts: Attempt[];

  constructor(code: string, message: string, { results, attempts }: Allocation<Result>) {
    super(code, message, { results: results.length, attempts: attempts.length });
    this.results = results;
    this.attempts = attempts;
  }
}

/**
 * Gives a job to `count` nodes for a service, chosen as by `pickNodes`, and to others in their place as they fail, differ or stay silent (REP-ALLOCATE).
 * @throws ERR_JOB, ERR_SERVICE_UNKNOWN; JobFailure with ERR_JOB_DEADLINE, ERR_JOB_NODES (none is left to ask), ERR_ABORTED
 */
export async function allocate<Result>(
  client: FlkClient,
  {
    service,
    ...job
  }: Omit<Job<Result>, "memory"> & Omit<PickNodesOptions, "count" | "memory"> & { memory?: NodeMemory },
): Promise<Allocation<Result>> {
  const { count = 1, maxNodes = count + SPARE_NODES } = job;
  const nodes = await pickNodes(client, { ...job, service, count: maxNodes });
  return allocateTo(nodes, { ...job, count, maxNodes });
}

/** The same, to these nodes in this order. @throws ERR_JOB; JobFailure with the same codes */
export async function allocateTo<Result>(
  nodes: readonly RankedNode[],
  job: Job<Result>,
): Promise<Allocation<Result>> {
  return new Allocator(nodes, job).run();
}

interface Answer<Result> {
  nodeId: number;
  result: Result;
  key: string;
}

interface Running extends Attempt {
  startedAt: number;
  abort: AbortController;
  /** told of since patience began */
  progress: number;
  /** end its timers */
  forget: (() => void) | undefined;
  forgetShare: (() => void) | undefined;
}

class Allocator<Result> {
  readonly #job: Job<Result>;
  readonly #count: number;
  readonly #patienceMs: number;
  readonly #minProgress: number;
  /** of `performance.now()` */
  readonly #deadline: number;
  readonly #left: RankedNode[];
  readonly #attempts: Running[] = [];
  readonly #answers: Answer<Result>[] = [];
  readonly #ended: Promise<Allocation<Result>>;
  #settle: { resolve(made: Allocation<Result>): void; reject(failure: unknown): void } | undefined;

  constructor(nodes: readonly RankedNode[], job: Job<Result>) {
    const { count = 1, deadlineMs, patienceMs = deadlineMs * PATIENCE } = job;
    const { maxNodes = count + SPARE_NODES, minProgress = 1 } = job;
    const positive = [maxNodes, deadlineMs, patienceMs, minProgress].every((value) => value > 0);
    if (!(Number.isInteger(count) && count >= 1 && positive)) {
      const given = { count, maxNodes, deadlineMs, patienceMs, minProgress };
      throw clientError("ERR_JOB", "a job has a deadline, patience, and at least one node", given);
    }
    this.#ended = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    this.#job = job;
    this.#count = count;
    this.#patienceMs = patienceMs;
    this.#minProgress = minProgress;
    this.#deadline = performance.now() + deadlineMs;
    this.#left = apart(nodes, job.keyOf !== undefined).slice(0, maxNodes);
  }

  async run(): Promise<Allocation<Result>> {
    const { deadlineMs, signal } = this.#job;
    const stop = (): void => this.#fail("ERR_ABORTED", "given up");
    const end = after(deadlineMs, () => this.#fail("ERR_JOB_DEADLINE", `not done in ${deadlineMs} ms`));
    signal?.addEventListener("abort", stop);
    try {
      if (signal?.aborted) stop();
      else this.#fill();
      return await this.#ended;
    } finally {
      end();
      signal?.removeEventListener("abort", stop);
    }
  }

  /** As many nodes work on it as results are missing; those that stay silent do not count. */
  #fill(): void {
    const missing = this.#count - this.#agreed().length;
    if (missing === 0) {
      this.#settle?.resolve(this.#finish());
      return;
    }
    const running = this.#attempts.filter(({ state }) => state === "running");
    if (running.length + this.#left.length < missing) {
      this.#fail("ERR_JOB_NODES", `${this.#attempts.length} nodes were asked, ${missing} more are needed`);
      return;
    }
    const wanted = missing - running.filter(({ silent }) => !silent).length;
    for (const node of this.#left.splice(0, Math.max(0, wanted))) this.#start(node);
  }

  #start(node: RankedNode): void {
    const startedAt = performance.now();
    const attempt: Running = {
      ...{ nodeId: node.nodeId, state: "running", silent: false, startedAt, progress: 0 },
      ...{ abort: new AbortController(), forget: undefined, forgetShare: undefined },
    };
    this.#attempts.push(attempt);
    attempt.forgetShare = after((this.#deadline - startedAt) * SHARE_OF_TIME, () => {
      attempt.forget?.();
      attempt.forgetShare = undefined;
      this.#silent(attempt);
    });
    this.#wait(attempt);
    void this.#work(node, attempt);
  }

  /** Whatever `run` does, it ends here. */
  async #work(node: RankedNode, attempt: Running): Promise<void> {
    try {
      const alive = (progress = 1): void => {
        attempt.progress += progress;
        if (attempt.progress >= this.#minProgress) this.#wait(attempt);
      };
      const result = await this.#job.run(node, attempt.abort.signal, alive);
      const key = this.#job.keyOf?.(result) ?? "";
      if (!this.#settle) return;
      this.#answers.push({ nodeId: node.nodeId, result, key });
      this.#close(attempt, "done");
    } catch (error) {
      if (!this.#settle) return;
      attempt.code = errorCode(error);
      this.#close(attempt, "failed");
    }
    this.#fill();
  }

  /** Patience with a node begins anew, unless its share of the time is over. */
  #wait(attempt: Running): void {
    if (!this.#settle || attempt.state !== "running" || !attempt.forgetShare) return;
    attempt.forget?.();
    attempt.silent = false;
    attempt.progress = 0;
    attempt.forget = after(this.#patienceMs, () => this.#silent(attempt));
  }

  #silent(attempt: Running): void {
    attempt.silent = true;
    this.#fill();
  }

  /** The answers that the most nodes agree on, of equally many those that came first. */
  #agreed(): Answer<Result>[] {
    const groups = new Map<string, Answer<Result>[]>();
    let best: Answer<Result>[] = [];
    for (const answer of this.#answers) {
      const group = groups.get(answer.key) ?? [];
      groups.set(answer.key, group);
      group.push(answer);
      if (group.length > best.length) best = group;
    }
    return best;
  }

  #close(attempt: Running, state: AttemptState): void {
    attempt.forget?.();
    attempt.forgetShare?.();
    attempt.state = state;
    attempt.ms = performance.now() - attempt.startedAt;
    const { memory } = this.#job;
    if (state === "failed" && attempt.code) memory?.failed(attempt.nodeId, attempt.code);
    if (state === "left" && attempt.silent) memory?.silent(attempt.nodeId);
  }

  #fail(code: ClientCode, message: string): void {
    this.#settle?.reject(new JobFailure(code, message, this.#finish()));
  }

  #finish(): Allocation<Result> {
    this.#settle = undefined;
    const agreed = this.#agreed();
    const agree = new Set(agreed.map(({ nodeId }) => nodeId));
    for (const attempt of this.#attempts) {
      if (attempt.state === "done") {
        if (agree.has(attempt.nodeId)) this.#job.memory?.served(attempt.nodeId);
        else attempt.state = "differs";
      }
      if (attempt.state !== "running") continue;
      this.#close(attempt, "left");
      attempt.abort.abort();
    }
    const attempts = this.#attempts.map(({ nodeId, state, silent, code, ms }) => ({
      ...{ nodeId, state, silent },
      ...(code !== undefined && { code }),
      ...(ms !== undefined && { ms }),
    }));
    return { results: agreed.map(({ nodeId, result }) => ({ nodeId, result })), attempts };
  }
}

/** Each node once; where answers are compared each owner once, whose nodes would agree with each other. */
function apart(nodes: readonly RankedNode[], byOwner: boolean): RankedNode[] {
  const seen = new Set<string>();
  return nodes.filter(({ nodeId, owner }) => {
    const who = byOwner ? toHex(owner) : String(nodeId);
    const first = !seen.has(who);
    seen.add(who);
    return first;
  });
}
