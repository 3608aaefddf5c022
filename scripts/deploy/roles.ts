/** Roles of the AccessManager. 0 is its administrator: the timelock. */
export const ROLES = { admin: 0n, guardian: 2n, launcher: 3n } as const;

/** What is neither for everybody nor for the administrator: the functions of each role, by the contract's name. */
export const ROLE_FUNCTIONS = {
  guardian: {
    settlement: ["veto(uint64)"],
    vault: ["pauseFor(uint32)"],
    staking: ["pauseFor(uint32)"],
    auction: ["pauseFor(uint32)"],
  },
  launcher: { settlement: ["start((uint64,bytes,bytes),uint64)"] },
} as const;
