/** Kinds of faults that are injected from outside; what Byzantine nodes do is counted by itself. */
export const FAULTS = [
  "crash",
  "shutdown",
  "blackout",
  "partition",
  "isolation",
  "loss",
  "duplication",
  "delay",
  "lag",
  "slowDisk",
  "clockSkew",
  "clockStep",
  "turncoat",
] as const;
export type Fault = (typeof FAULTS)[number];

/** How often a kind comes, relative to the others. */
type Mix = Partial<Record<Fault, number>>;

export const PROFILES = {
  none: {},
  crash: { crash: 12, blackout: 1 },
  shutdown: { shutdown: 8, crash: 2, partition: 1, slowDisk: 1 },
  partition: { partition: 3, isolation: 2 },
  loss: { loss: 3, duplication: 2, delay: 2, lag: 4 },
  byzantine: { turncoat: 3 },
  /** somebody always has to catch up, and Byzantine nodes are among those it asks */
  liars: { crash: 6, isolation: 4, turncoat: 3 },
  /** for `DOUBLES_AFTER` */
  copies: { crash: 3, isolation: 1 },
  "slow-disk": { slowDisk: 1 },
  "clock-skew": { clockSkew: 1 },
  "clock-steps": { clockStep: 3, crash: 3, isolation: 1 },
  all: {
    crash: 10,
    blackout: 0.5,
    partition: 3,
    isolation: 2,
    loss: 2,
    duplication: 1,
    delay: 1,
    lag: 3,
    slowDisk: 2,
    clockSkew: 2,
    turncoat: 3,
  },
} as const satisfies Record<string, Mix>;
export type Profile = keyof typeof PROFILES;

/** How often a second copy or an old backup of a node follows a healing. */
export const DOUBLES_AFTER: Partial<Record<Profile, number>> = { copies: 1, all: 0.2 };

export function isProfile(name: string): name is Profile {
  return Object.hasOwn(PROFILES, name);
}

export function isByzantine(profile: Profile): boolean {
  return Object.hasOwn(PROFILES[profile], "turncoat");
}
