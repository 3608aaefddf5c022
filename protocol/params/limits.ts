/** Fixed limits of the wire formats: part of the format, so not governed. */
export const MAX_COMMITTEE = 256;
export const MAX_HEADER_BATCHES = 1024;
export const MAX_HEADER_CHECKPOINTS = 64;
export const MAX_HEADER_ATTESTATIONS = 64;
/** bytes */
export const MAX_TRANSACTION_BYTES = 262_144;
/** One with its kind and its signature: as it is in batches and blocks. */
export const MAX_SIGNED_TRANSACTION_BYTES: number = MAX_TRANSACTION_BYTES + 256;
/** bytes of the smallest transaction that can be applied: envelope 9, `Participation` 12, Ed25519 signature 64 */
export const MIN_TRANSACTION_BYTES = 85;
export const MAX_BATCH_BYTES = 524_288;
export const MAX_BATCH_TRANSACTIONS = 16_384;
export const MAX_ACKS_PER_TRANSACTION = 1024;
/** Peers that one node reports on in one epoch: those that it is asked to observe. */
export const MAX_REPORTED_PEERS = 64;
/** microseconds: a round trip above it is no answer */
export const MAX_REPORTED_LATENCY_US = 20_000_000;
/** KiB per second */
export const MAX_REPORTED_THROUGHPUT = 1 << 26;
/** bytes of one network message */
export const MAX_MESSAGE_BYTES = 524_288;
/**
 * Entries of a list that nodes make themselves and that no rule bounds. The library checks limits on decoding only, so one
 * that can be reached would make blocks that are signed and that nobody can read: memory ends long before this one.
 */
export const UNREACHABLE_ENTRIES = 2 ** 30;
export const MAX_NODES = 1 << 24;
export const MAX_ACCOUNTS = 2 ** 32;
export const MAX_SERVICES = 1 << 16;
export const MAX_COMMODITIES = 8;
export const MAX_ENDPOINT_BYTES = 512;

/** Bytes a node serves beyond what is acknowledged (DESIGN §7). */
export const CREDIT_WINDOW_BYTES = 262_144;
/** What that grows to for a session key that acknowledges, as far as a reservation covers it. */
export const MAX_CREDIT_STEP_BYTES = 4_194_304;
/** Nodes take acknowledgements of epoch e at most this long after its close (ms). */
export const LATE_ACK_MS = 30_000;
/** Denominator of prices: micro-USD per 10^9 units. */
export const PRICE_UNITS = 1_000_000_000n;
export const BPS = 10_000n;
/** Lanes that one session may be paid for at one node in one epoch. */
export const MAX_LANES_PER_SESSION = 1024;
/** micro-USD: less is not worth a record in everybody's state. */
export const MIN_RESERVATION = 100n;
/** Nodes that one session may reserve for in one epoch. */
export const MAX_RESERVATIONS_PER_SESSION = 1024;
/** Epochs for which what an epoch may grant waits for the lot of its buyback to close; afterwards it grants nothing. */
export const GRANT_EPOCHS = 32;
/** Lanes that one delegated key may be paid for at one node in one epoch, and all those of a session together. */
export const MAX_LANES_PER_SUBKEY = 16;
export const MAX_DELEGATED_LANES = 16_384;
/** Nodes that one delegated key may reserve for in one epoch, and all those of a session together. */
export const MAX_RESERVATIONS_PER_SUBKEY = 16;
export const MAX_DELEGATED_RESERVATIONS = 16_384;
/** bytes of transactions in blocks by one sender in one epoch */
export const ACCOUNT_QUOTA_BYTES = 1_048_576;
export const NODE_QUOTA_BYTES = 268_435_456;
/** How far what a node hands in may be ordered out of its sequence. */
export const SEQUENCE_WINDOW = 256;
/** The pool takes transactions with nonces in [next, next + NONCE_WINDOW). */
export const NONCE_WINDOW = 64;
/** `reputationDampingBps` at least: below it trust may not stand within the iterations that there are, not even in real numbers (REP-EIGEN). The contract has it too. */
export const MIN_DAMPING = 1_000;
/** Score of a node before reputation is measured, 0–100. */
export const INITIAL_REPUTATION = 50;
