import { boundedParameters } from "./bounds.ts";
import { deployError } from "./errors.ts";
import type { DeployParameters } from "./parameters.ts";

const BPS = 10_000n;
const DAY_S = 86_400n;
const NAMED = 1n;

type Key = keyof DeployParameters;
type Rule = [key: Key, holds: (p: DeployParameters) => boolean, says: string];

/** Where a number must be by itself, beside the bounds of what is governed. */
const RANGES: [key: Key, min: bigint, max: bigint][] = [
  ["flkCeilingBps", 0n, BPS],
  ["activationDelay", 1n, 14n * DAY_S],
  ["closeTimeTolerance", 0n, DAY_S],
  ["exitWindow", 1n, 365n * DAY_S],
  ["recoveryDelay", 1n, 365n * DAY_S],
  ["auctionDuration", 10n, 7n * DAY_S],
  ["auctionStartMultipleBps", 11_000n, 100_000n],
  ["auctionFloorDivisor", 1n, 10_000n],
  ["auctionMinSoldBps", 1_000n, BPS],
  ["auctionMinLot", 1n, (1n << 64n) - 1n],
  ["auctionMinReference", 1n, (1n << 96n) - 1n],
  ["auctionMaxReference", 1n, (1n << 96n) - 1n],
  ["votingDelay", 0n, 30n * DAY_S],
  ["votingPeriod", 1n, 30n * DAY_S],
  ["quorumPercent", 1n, 100n],
  ["lateQuorumExtension", 0n, 30n * DAY_S],
  ["timelockDelay", 1n, 30n * DAY_S],
];

/** What entries must be to each other. The contracts ask for the same, but after half a deployment. */
const RULES: Rule[] = [
  [
    "buybackShareBps",
    (p) => p.nodeShareBps + p.serviceShareBps + p.treasuryShareBps + p.buybackShareBps === BPS,
    "and the other three shares must sum to 10000",
  ],
  [
    "thawPeriod",
    (p) => p.thawPeriod >= shortestThaw(p),
    "is shorter than two epochs, activationDelay and evidenceWindow",
  ],
  [
    "escapeDelay",
    (p) => p.escapeDelay >= shortestEscape(p),
    "is not more than two epochs and two activationDelay: accounts would escape from a settlement that is on time",
  ],
  [
    "escapeDelay",
    (p) => p.escapeDelay > longestDecision(p),
    "is over before a vote releases what was held: it must be more than epochLengthMs, two activationDelay, votingDelay, " +
      "votingPeriod, lateQuorumExtension and timelockDelay together",
  ],
  [
    "recoveryDelay",
    (p) => p.recoveryDelay >= p.escapeDelay + p.exitWindow,
    "is shorter than escapeDelay and exitWindow",
  ],
  [
    "auctionFloorDivisor",
    (p) => p.auctionFloorDivisor * BPS >= p.auctionStartMultipleBps,
    "must undo auctionStartMultipleBps, so that a lot that was bought at its start does not raise the next one out of reach",
  ],
  [
    "auctionFirstReference",
    (p) =>
      p.auctionMinReference <= p.auctionFirstReference && p.auctionFirstReference <= p.auctionMaxReference,
    "is not between auctionMinReference and auctionMaxReference",
  ],
  [
    "serviceMetadata",
    (p) => /^[\x21-\x7e]{0,512}$/.test(p.serviceMetadata),
    "must be at most 512 bytes of visible ASCII",
  ],
  ["bandwidthPrice", (p) => p.bandwidthPrice <= p.maxPrice, "is above maxPrice"],
  ["computePrice", (p) => p.computePrice <= p.maxPrice, "is above maxPrice"],
];

/** @throws ERR_DEPLOY_PARAMETERS naming the entry and the rule that it breaks */
export function assertRules(parameters: DeployParameters): void {
  const governed = boundedParameters(parameters, { treasury: NAMED, buyback: NAMED });
  const bounds = governed.map(({ key, min, max }): [Key, bigint, bigint] => [key as Key, min, max]);
  for (const [key, min, max] of [...bounds, ...RANGES]) {
    const value = parameters[key];
    if (typeof value === "bigint" && (value < min || value > max)) {
      throw refused(key, parameters, `must be ${min} to ${max}`);
    }
  }
  for (const [key, holds, says] of RULES) if (!holds(parameters)) throw refused(key, parameters, says);
}

function refused(key: Key, parameters: DeployParameters, says: string) {
  return deployError("ERR_DEPLOY_PARAMETERS", `${key} (${parameters[key]}) ${says}`, { key });
}

/**
 * Seconds from an activation until governance has undone a hold of what comes next: that is posted an epoch later, held at
 * the end of its delay, voted on, and after a restart waits again.
 */
function longestDecision(p: DeployParameters): bigint {
  const vote = p.votingDelay + p.votingPeriod + p.lateQuorumExtension + p.timelockDelay;
  return seconds(p.epochLengthMs) + 2n * p.activationDelay + vote;
}

function seconds(ms: bigint): bigint {
  return (ms + 999n) / 1_000n;
}

/** Seconds that stake must stay slashable: until evidence of what it backed has had its time. */
export function shortestThaw(
  p: Pick<DeployParameters, "epochLengthMs" | "activationDelay" | "evidenceWindow">,
): bigint {
  return seconds(2n * p.epochLengthMs) + p.activationDelay + p.evidenceWindow;
}

/** Seconds without an activation that are no failure yet: rule ESCAPE of the parameters' contract. */
export function shortestEscape(p: Pick<DeployParameters, "epochLengthMs" | "activationDelay">): bigint {
  return seconds(2n * p.epochLengthMs) + 2n * p.activationDelay + 1n;
}
