/** Questions of each kind to an observed peer in an epoch, on average (REP-PROBE). */
export const ROUNDS = 24;
