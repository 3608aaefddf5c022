import type { Threat } from "../threats.ts";

/** What one node says of another for one epoch. */
export interface Rating {
  node: number;
  good: number;
  bad: number;
}

export interface Reports {
  /** by reporter */
  ratings: Rating[][];
  /** nodes that are somebody else from now on */
  renamed: number[];
}

/** How sources are chosen. */
export interface Choice {
  /** by node; 0 is not chosen unless it is unknown */
  weights: Float64Array;
  /** by node: 1 when there is no opinion of it yet */
  unknown: Uint8Array;
  /** part of the choices that goes to the unknown */
  unknownShare: number;
}

export interface Policy {
  choice(): Choice;
  /** the end of an epoch */
  close(reports: Reports): void;
}

export interface PolicyKind {
  name: string;
  make(threat: Threat, nodes: number): Policy;
}
