import { deployError } from "./errors.ts";
import type { DeployParameters } from "./parameters.ts";

const BPS = 10_000n;

type Rule = [key: keyof DeployParameters, holds: (p: DeployParameters) => boolean, says: string];

/**
 * What entries must be to each other; the contracts check the same, but after half a deployment. Bounds of single governed
 * numbers are in bounds.ts.
 */
const RULES: Rule[] = [
  [
    "buybackShareBps",
    (p) => p.nodeShareBps + p.serviceShareBps + p.treasuryShareBps + p.buybackShareBps === BPS,
    "and the other three shares must sum to 10000",
  ],
  ["flkCeilingBps", (p) => p.flkCeilingBps <= BPS, "is more than 10000"],
  [
    "thawPeriod",
    (p) => p.thawPeriod >= shortestThaw(p),
    "is shorter than two epochs, activationDelay and evidenceWindow",
  ],
  ["activationDelay", (p) => p.activationDelay > 0n, "must leave the guardian time for a veto"],
  ["escapeDelay", (p) => p.escapeDelay > 2n * p.activationDelay, "must be more than two activationDelay"],
  ["exitWindow", (p) => p.exitWindow > 0n, "must leave accounts time to escape"],
  [
    "recoveryDelay",
    (p) => p.recoveryDelay >= p.escapeDelay + p.exitWindow,
    "is shorter than escapeDelay and exitWindow",
  ],
  [
    "auctionFirstReference",
    (p) =>
      p.auctionMinReference <= p.auctionFirstReference && p.auctionFirstReference <= p.auctionMaxReference,
    "is not between auctionMinReference and auctionMaxReference",
  ],
  ["votingPeriod", (p) => p.votingPeriod > 0n, "must leave time to vote"],
  ["quorumPercent", (p) => p.quorumPercent > 0n && p.quorumPercent <= 100n, "must be 1 to 100"],
  ["timelockDelay", (p) => p.timelockDelay > 0n, "must leave time to react"],
  ["bandwidthPrice", (p) => p.bandwidthPrice <= p.maxPrice, "is above maxPrice"],
  ["computePrice", (p) => p.computePrice <= p.maxPrice, "is above maxPrice"],
];

/** @throws ERR_DEPLOY_PARAMETERS naming the entry and the rule that it breaks */
export function assertRules(parameters: DeployParameters): void {
  for (const [key, holds, says] of RULES) {
    if (holds(parameters)) continue;
    const what = `${key} (${parameters[key]}) ${says}`;
    throw deployError("ERR_DEPLOY_PARAMETERS", what, { key });
  }
}

/** Seconds that stake must stay slashable: until evidence of what it backed has had its time. */
export function shortestThaw(
  p: Pick<DeployParameters, "epochLengthMs" | "activationDelay" | "evidenceWindow">,
): bigint {
  return (2n * p.epochLengthMs + 999n) / 1_000n + p.activationDelay + p.evidenceWindow;
}
