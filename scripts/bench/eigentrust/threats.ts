/** What an attacker does, by the letters of the EigenTrust paper where it has one. */
export interface Threat {
  /** of the row, unique */
  id: string;
  model: string;
  /** what `x` counts, and its value */
  axis: string;
  x: number;
  good: number;
  bad: number;
  /** of `bad`: serve well, and praise the others */
  spies: number;
  /** of `good`: serve well, and report what the attackers tell them */
  bribed: number;
  /** part of the requests that attackers answer well */
  honesty: number;
  /** attackers serve and report well before this epoch */
  wakes: number;
  /** attackers come under new names every epoch */
  fresh: boolean;
  /** attackers praise each other; otherwise each says the opposite of what it saw */
  collective: boolean;
  /** the collective also calls all others bad */
  slander: boolean;
  /** pre-trust: three known good nodes, as in the paper, or the same stake for every node */
  pretrust: "founders" | "equal";
}

/** The paper's: three of them are trusted from the start. */
const GOOD = 63;
export const FOUNDERS = 3;

const BASE = {
  ...{ good: GOOD, spies: 0, bribed: 0, honesty: 0, wakes: 0 },
  ...{ fresh: false, collective: true, slander: false, pretrust: "founders" as const },
};

type Change = Partial<Omit<Threat, "id" | "model" | "axis" | "x">>;

function rows(
  model: string,
  axis: string,
  xs: number[],
  change: (x: number) => Change & { bad: number },
): Threat[] {
  return xs.map((x) => ({ ...BASE, model, axis, x, id: `${model} ${x}`, ...change(x) }));
}

/** Attackers that make `percent` of all nodes. */
function among(good: number, percent: number): number {
  return Math.round((good * percent) / (100 - percent));
}

const SHARES = [0, 10, 20, 30, 40, 50, 60, 70];
const MINORITIES = [10, 20, 30, 40];
const QUARTER = among(GOOD, 27);

export const THREATS: Threat[] = [
  ...rows("A individual", "% attackers", SHARES, (x) => ({ bad: among(GOOD, x), collective: false })),
  ...rows("B collective", "% attackers", SHARES, (x) => ({ bad: among(GOOD, x) })),
  ...rows("C camouflage", "% answered well", [0, 10, 20, 30, 40, 50, 60, 70, 80, 90], (x) => ({
    bad: QUARTER,
    honesty: x / 100,
  })),
  ...rows("D spies", "spies of 40", [0, 10, 20, 30], (x) => ({ bad: 40, spies: x })),
  ...rows("Sybil newcomers", "new names an epoch", [10, 20, 40, 80], (x) => ({ bad: x, fresh: true })),
  ...rows("Sleepers", "% attackers", MINORITIES, (x) => ({ bad: among(GOOD, x), wakes: 10 })),
  ...rows("Bribed reporters", "% of good nodes", [10, 20, 30, 40], (x) => ({
    bad: QUARTER,
    bribed: Math.round((GOOD * x) / 100),
    slander: true,
  })),
  ...rows("Equal stake", "% attackers", MINORITIES, (x) => ({
    bad: among(GOOD, x),
    pretrust: "equal",
    slander: true,
  })),
];
