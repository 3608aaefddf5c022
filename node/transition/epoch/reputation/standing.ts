import { FULL } from "./exact.ts";
import { NOTHING } from "./observations.ts";

/** Of FULL, smoothed over epochs: why a score is what it is. */
export interface Components {
  latency: number;
  uptime: number;
  throughput: number;
  success: number;
  trust: number;
}

/** What is kept of a node from epoch to epoch. */
export interface Standing extends Components {
  /** of FULL: how far its reports agree with what others saw */
  credibility: number;
  /** part of WHOLE: global trust of the last epoch */
  share: number;
  /** 1 once enough trust has measured it */
  measured: number;
}

/** Rates of FULL for one epoch. */
export interface SmoothingRules {
  rise: number;
  fall: number;
  priorDecay: number;
}

/** Components of a node that nobody measured yet: a score of 50. */
const PRIOR = 8_070;
/** Where components go that nobody measures any more: a score of 32. Below it they stay. */
const REST = 7_000;

export const NEW_STANDING: Standing = {
  latency: PRIOR,
  uptime: PRIOR,
  throughput: PRIOR,
  success: PRIOR,
  trust: PRIOR,
  credibility: FULL,
  share: 0,
  measured: 0,
};

/** Of FULL: success, uptime and trust multiply, speed is a quarter of it (REP-SCORE). */
export function scoreOf(components: Components): number {
  const { latency, uptime, throughput, success, trust } = components;
  const speed = 7_500 + Math.floor((latency + throughput) / 8);
  const reliable = Math.floor((success * uptime) / FULL);
  return Math.floor((Math.floor((reliable * trust) / FULL) * speed) / FULL);
}

/** 0–100 */
export function publicScore(components: Components): number {
  return Math.floor((scoreOf(components) + 50) / 100);
}

/** Falls fast, rises slowly; what was not measured decays to its rest (REP-SMOOTH, REP-PRIOR). */
export function smooth(before: number, now: number, rules: SmoothingRules): number {
  if (now === NOTHING) return before <= REST ? before : before - part(before - REST, rules.priorDecay);
  return now < before ? before - part(before - now, rules.fall) : before + part(now - before, rules.rise);
}

/** Components after an epoch in which nobody measured any of them. */
export function decayed(components: Components, rules: SmoothingRules): Components {
  const { latency, uptime, throughput, success, trust } = components;
  return {
    latency: smooth(latency, NOTHING, rules),
    uptime: smooth(uptime, NOTHING, rules),
    throughput: smooth(throughput, NOTHING, rules),
    success: smooth(success, NOTHING, rules),
    trust: smooth(trust, NOTHING, rules),
  };
}

/** rounded up, so that a difference ends */
function part(difference: number, rate: number): number {
  return Math.ceil((difference * rate) / FULL);
}
