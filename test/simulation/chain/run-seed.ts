import type { Logger } from "#node/interface/logger.ts";
import { ChainSimulation, type SimCommit } from "./chain-simulation.ts";
import { DOUBLES_AFTER, type Profile } from "./profiles.ts";

export interface SeedOptions {
  seed: number;
  /** seats of the committee */
  nodes: number;
  profile: Profile;
  /** virtual ms in which a network that is well must commit */
  logger?: Logger;
  onCommit?: (commit: SimCommit) => void;
}

export interface SeedResult {
  seed: number;
  nodes: number;
  rounds: number;
  /** blocks, whoever ordered them */
  commits: number;
  /** epochs that closed */
  epochs: number;
  transactions: number;
  faults: Record<string, number>;
  violations: string[];
  stalls: string[];
  /** virtual ms */
  virtualMs: number;
}

/** What each seed runs at least. */
export const LEAST = { rounds: 200, commits: 20, epochs: 2, faults: 5 } as const;
/** Rounds that healing takes at least. */
const HEALING_ROUNDS = 10;
/** Virtual ms in which every honest node commits again once all is well. */
const STALL_MS = 20_000;
/** Virtual ms in which everything that was accepted gets into a block once all is well. */
const SETTLE_MS = 30_000;
/** A run that does not get to its rounds in so many turns of faults and healing says so by its figures. */
const MAX_TURNS = 40;
/** One seed in so many runs with real signatures. */
export const BLS_EVERY = 50;
/** One seed in so many checks the signatures of headers and certificates together (NAR-TOGETHER): they cost a tenth more. */
const TOGETHER_EVERY = 4;

/** Faults, healing, faults again, until the seed has done its part; everything that was accepted must commit at the end. */
export async function runSeed(options: SeedOptions): Promise<SeedResult> {
  const bls = options.seed % BLS_EVERY === 0;
  const together = options.seed % TOGETHER_EVERY === TOGETHER_EVERY - 1;
  const simulation = new ChainSimulation({ ...options, bls, together });
  const stalls: string[] = [];
  const { violations, chaos, rng, clock } = simulation;
  const startedAt = clock.now();
  const enough = (after = 0) =>
    simulation.rounds + after >= LEAST.rounds &&
    simulation.ledger.height >= LEAST.commits &&
    simulation.ledger.closed.size >= LEAST.epochs &&
    (options.profile === "none" || chaos.total >= LEAST.faults);
  simulation.start();
  const failed = () => violations.length + stalls.length > 0;
  const nearly = () => enough(HEALING_ROUNDS);
  for (let turn = 0; turn < MAX_TURNS && !nearly() && !failed(); turn++) {
    if (options.profile !== "none") chaos.begin();
    await simulation.run(rng.int(3000, 9000), { until: nearly });
    await heal(simulation, stalls);
    const doubles = DOUBLES_AFTER[options.profile] ?? 0;
    if (!failed() && rng.chance(doubles)) await simulation.doubles.appear();
  }
  if (!failed()) await simulation.run(STALL_MS, { until: () => enough() });
  if (!failed()) await settle(simulation, violations);
  simulation.end();
  return {
    seed: options.seed,
    nodes: options.nodes,
    rounds: simulation.rounds,
    commits: simulation.ledger.height + 1,
    epochs: simulation.ledger.closed.size,
    transactions: simulation.load.accepted.size,
    faults: { ...chaos.counts, ...simulation.misdeeds, ...simulation.doubles.counts },
    violations,
    stalls,
    virtualMs: clock.now() - startedAt,
  };
}

/** All is well again: every honest node gets a block that nobody had before. */
async function heal(simulation: ChainSimulation, stalls: string[]): Promise<void> {
  const { chaos, ledger, clock, honest, violations } = simulation;
  chaos.heal();
  const before = ledger.height;
  const deadline = clock.now() + STALL_MS;
  const behind = () => honest.filter(({ id }) => ledger.heightOf(id) <= before);
  while (behind().length > 0 && clock.now() < deadline && violations.length === 0) await simulation.run(100);
  if (violations.length > 0) return;
  for (const { id } of behind()) {
    const all = simulation.machines.map((machine) => machine.describe()).join("\n    ");
    stalls.push(
      `node ${id} has no new block after ${before}, which was the last when all was well\n    ${all}`,
    );
    return;
  }
}

/** Whatever an honest node accepted gets into a block. */
async function settle(simulation: ChainSimulation, violations: string[]): Promise<void> {
  const { clock, load } = simulation;
  const deadline = clock.now() + SETTLE_MS;
  while (load.missing().length > 0 && clock.now() < deadline && violations.length === 0) {
    await simulation.run(200, { idle: true });
  }
  if (violations.length > 0) return;
  for (const id of load.missing().slice(0, 3))
    violations.push(`transaction ${id} was accepted and is in no block`);
}
