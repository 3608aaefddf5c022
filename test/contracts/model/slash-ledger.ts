import type { Hex } from "#protocol/types/hex.ts";
import type { Epochs } from "./epochs.ts";
import { ceilDiv, type Refusal } from "./ledger.ts";
import { NOBODY } from "./registry-ledger.ts";
import type { StakingLedger } from "./staking-ledger.ts";

/** One node in a version of its key. */
export interface KeyName {
  id: number;
  version: number;
}

export interface Evidence {
  kind: number;
  epoch: number;
  payloads: [Hex, Hex];
  /** as shown, in any order */
  signers: [KeyName[], KeyName[]];
  /** the signature is that of the signers */
  signed: boolean;
  reporter: Hex;
}

export interface Slash {
  id: number;
  amount: bigint;
}

/** `slashes`: undefined when the bytes are none, ascending or not. */
export interface CertifiedList {
  bytes: Hex;
  slashes: Slash[] | undefined;
}

/** What slashes cost, and until when they count: by parameters in force. */
export interface SlashTerms {
  slashBps: bigint;
  rewardBps: bigint;
  maxPerEpoch: bigint;
  evidenceEpochs: bigint;
  next: number;
}

export const LIST_STATE = { open: 0, released: 1, voided: 2, applied: 3 };
export const NO_PROGRESS = { state: LIST_STATE.open, applied: 0 };
const BPS = 10_000n;
const KINDS = 4;
const PER_CALL = 50;

/** What Slasher does with evidence and with certified lists. */
export class SlashLedger {
  readonly #staking: StakingLedger;
  readonly #epochs: Epochs;
  /** of active settlements, by epoch */
  readonly #certified: ReadonlyMap<number, CertifiedList>;
  readonly #slashed = new Set<string>();
  readonly #progress = new Map<number, { state: number; applied: number }>();

  constructor(staking: StakingLedger, epochs: Epochs, certified: ReadonlyMap<number, CertifiedList>) {
    this.#staking = staking;
    this.#epochs = epochs;
    this.#certified = certified;
  }

  isSlashed(id: number, epoch: number): boolean {
    return this.#slashed.has(`${id} in ${epoch}`);
  }

  progress(epoch: number): { state: number; applied: number } {
    return this.#progress.get(epoch) ?? NO_PROGRESS;
  }

  /** Something of it can still be applied. */
  isOpen(epoch: number): boolean {
    const { state } = this.progress(epoch);
    return state !== LIST_STATE.voided && state !== LIST_STATE.applied;
  }

  slashEquivocation(evidence: Evidence, terms: SlashTerms): Refusal {
    const refusal = this.#refuses(evidence, terms);
    if (refusal) return refusal;
    const [a, b] = evidence.signers;
    const common = a.filter((one) => b.some(({ id, version }) => id === one.id && version === one.version));
    const outcomes = common.map((one) => this.#slash(evidence, one, terms));
    if (outcomes.includes("slashed")) return;
    const reasons = ["AlreadySlashed", "KeyNotInForce", "NothingToSlash"];
    return reasons.find((reason) => outcomes.includes(reason)) ?? "NoCommonSigner";
  }

  slashListed(epoch: number, bytes: Hex, { maxPerEpoch }: SlashTerms): Refusal {
    const list = this.#certified.get(epoch);
    if (!list) return "UnknownSlashList";
    if (list.bytes !== bytes) return "WrongSlashList";
    const { state, applied } = this.progress(epoch);
    if (!this.isOpen(epoch)) return "SlashListClosed";
    const { slashes } = list;
    if (!slashes) return "MalformedSlashList";
    const sum = slashes.reduce((total, { amount }) => total + amount, 0n);
    if (applied === 0 && sum > maxPerEpoch && state !== LIST_STATE.released) return "SlashListAboveCap";
    const part = slashes.slice(applied, applied + PER_CALL);
    for (const { id, amount } of part) this.#staking.slash(id, amount, NOBODY, 0n);
    const end = applied + part.length;
    this.#progress.set(epoch, {
      state: end === slashes.length ? LIST_STATE.applied : state,
      applied: end,
    });
  }

  release(epoch: number): Refusal {
    if (!this.#certified.has(epoch)) return "UnknownSlashList";
    const progress = this.progress(epoch);
    if (progress.state !== LIST_STATE.open) return "SlashListClosed";
    this.#progress.set(epoch, { ...progress, state: LIST_STATE.released });
  }

  void(epoch: number): Refusal {
    if (!this.#certified.has(epoch)) return "UnknownSlashList";
    if (!this.isOpen(epoch)) return "SlashListClosed";
    this.#progress.set(epoch, { ...this.progress(epoch), state: LIST_STATE.voided });
  }

  #refuses(evidence: Evidence, { next, evidenceEpochs }: SlashTerms): Refusal {
    const { kind, epoch, payloads, signers, reporter } = evidence;
    if (reporter === NOBODY) return "ZeroReporter";
    if (kind < 1 || kind > KINDS) return "UnknownKind";
    if (payloads[0] === payloads[1]) return "SamePayload";
    if (!signers.every(ascend)) return "SignersNotAscending";
    if (epoch > this.#epochs.latest(epoch, next)) return "EpochTooLate";
    const age = this.#epochs.age(epoch, next);
    if (age > 1 && BigInt(age) > evidenceEpochs) return "EpochTooOld";
    if (!signers.flat().every((one) => this.#keysOf(one.id)[one.version])) return "UnknownKey";
    if (!evidence.signed) return "InvalidSignature";
  }

  #slash({ epoch, reporter }: Evidence, key: KeyName, { slashBps, rewardBps }: SlashTerms): string {
    if (this.isSlashed(key.id, epoch)) return "AlreadySlashed";
    if (!this.#isInForce(key, epoch)) return "KeyNotInForce";
    const available = this.#staking.available(key.id);
    if (available === 0n) return "NothingToSlash";
    // up to the next wei: also the last one can be taken
    const amount = ceilDiv(available * slashBps, BPS);
    this.#slashed.add(`${key.id} in ${epoch}`);
    this.#staking.slash(key.id, amount, reporter, (amount * rewardBps) / BPS);
    return "slashed";
  }

  /** Committees could name it: they are drawn one epoch before. */
  #isInForce({ id, version }: KeyName, epoch: number): boolean {
    const keys = this.#keysOf(id);
    const [key, successor] = [keys[version], keys[version + 1]];
    if (!key || epoch < key.fromEpoch) return false;
    return !successor || this.#epochs.between(successor.fromEpoch, epoch) <= 1;
  }

  #keysOf(id: number) {
    return this.#staking.registry.find(id)?.keys ?? [];
  }
}

function ascend(signers: KeyName[]): boolean {
  return signers.every(({ id, version }, i) => {
    const before = signers[i - 1];
    return !before || before.id < id || (before.id === id && before.version < version);
  });
}
