import { keccak256 } from "viem";
import { committeeHash, restartDigest, settlementDigest } from "#protocol/digests/settlement.ts";
import { balanceRoot, payoutRoot } from "#protocol/digests/trees.ts";
import { minBigint } from "#protocol/types/bigint.ts";
import type { Committee } from "#protocol/types/committee.ts";
import { fromHex } from "#protocol/types/hex.ts";
import type { Settlement } from "#protocol/types/settlement.ts";
import { testCommittee } from "../support/committee.ts";
import type { Client, Draft, Outside, Posted, State, Terms } from "./bridge-types.ts";
import { Epochs } from "./epochs.ts";
import { at, type Refusal } from "./ledger.ts";
import type { CertifiedList } from "./slash-ledger.ts";

/** What EpochSettlement, ClientVault and FLK do to the money of three clients. */

interface Base {
  digest: Uint8Array;
  closeTime: number;
  next: Committee | undefined;
}

export const HELD = {
  stable: 1,
  flk: 2,
  totals: 4,
  closeTime: 8,
  noCommittee: 16,
  veto: 32,
  committee: 64,
  insolvent: 128,
};
export const MEMBERS = [1, 2, 3, 4];
const YEAR_MS = 365n * 86_400_000n;
const ZERO = new Uint8Array(32);

export class BridgeLedger {
  readonly terms: Terms;
  readonly accounts: Uint8Array[];
  readonly networkId: Uint8Array;
  readonly genesis: Committee = testCommittee(0, MEMBERS);
  readonly epochs: Epochs = new Epochs();
  /** slash lists of active settlements, by epoch */
  readonly certified: Map<number, CertifiedList> = new Map();
  /** Unix seconds of the next transaction, and the newest block. */
  now: number;
  block: number;

  outside: Outside[];
  pending: Posted[] = [];
  /** what the next settlement follows */
  tip: State;
  newest: Settlement | undefined;
  /** who signs next */
  signers: Committee | undefined;
  active: { settlement: Settlement | undefined; state: State };
  /** as the newest active settlement left it, with escapes */
  live: State;
  base: Base;
  digest: Uint8Array;
  nextEpoch = 0;
  activeEpochs = 0;
  lastActivatedAt: number;
  activeCloseTime: number;
  frozenAt = 0;
  frozen = false;
  recovering = false;
  restarts = 0;
  totalStable = 0n;
  totalFlk = 0n;
  minted = 0n;
  accruedUpTo: number;
  inVault = 0n;
  inPot = 0n;
  flkInPot = 0n;

  constructor(
    terms: Terms,
    start: { accounts: Uint8Array[]; networkId: Uint8Array; digest: Uint8Array; now: number; block: number },
  ) {
    this.terms = terms;
    this.accounts = start.accounts;
    this.networkId = start.networkId;
    this.now = start.now;
    this.block = start.block;
    const nothing = { balance: 0n, seen: 0n, stable: 0n, flk: 0n };
    this.tip = { clients: start.accounts.map(() => ({ ...nothing })), l2Number: 0 };
    this.live = structuredClone(this.tip);
    this.active = { settlement: undefined, state: structuredClone(this.tip) };
    this.outside = start.accounts.map(() => ({
      deposited: 0n,
      firstBlock: 0,
      claimedStable: 0n,
      claimedFlk: 0n,
      redirected: { stable: 0n, flk: 0n },
      hasPayee: false,
      escaped: 0n,
      counted: 0n,
      takenAt: 0,
    }));
    this.signers = this.genesis;
    this.base = { digest: start.digest, closeTime: terms.startTime, next: this.signers };
    this.digest = start.digest;
    this.lastActivatedAt = start.now;
    this.activeCloseTime = terms.startTime;
    this.accruedUpTo = terms.startTime;
  }

  get firstPending(): number {
    return this.nextEpoch - this.pending.length;
  }

  deposit(client: number, amount: bigint): Refusal {
    const account = at(this.outside, client);
    if (account.deposited + amount < this.terms.minDeposit) return "DepositTooSmall";
    if (account.deposited === 0n) account.firstBlock = this.block + 1;
    account.deposited += amount;
    this.inVault += amount;
  }

  /** The next settlement, as a committee would sign it. */
  draw({ state, next, list }: Draft): Settlement {
    const total = (field: keyof Client) => state.clients.reduce((sum, client) => sum + client[field], 0n);
    const last = this.newest?.closeTime ?? this.base.closeTime;
    return {
      epoch: this.nextEpoch,
      previous: this.digest,
      closeTime: Math.max(this.now * 1000, last + 1),
      l2Number: state.l2Number,
      l2Hash: ZERO,
      stateRoot: ZERO,
      payoutRoot: payoutRoot(this.payouts(state)),
      balanceRoot: balanceRoot(this.balances(state)),
      reportHash: ZERO,
      totalBalances: total("balance"),
      totalPayoutStable: total("stable"),
      totalPayoutFlk: total("flk"),
      slashListHash: fromHex(keccak256(list.bytes)),
      nextCommitteeHash: next ? committeeHash(next) : ZERO,
    };
  }

  payouts(state: State) {
    return state.clients.map(({ stable, flk }, i) => ({ account: at(this.accounts, i), stable, flk }));
  }

  balances(state: State) {
    return state.clients.map(({ balance, seen }, i) => ({
      account: at(this.accounts, i),
      balance,
      depositsSeen: seen,
    }));
  }

  /** `uncertified`: why the certificate is none. */
  settle(settlement: Settlement, draft: Draft, uncertified: Refusal): Refusal {
    if (this.frozen) return "IsFrozen";
    if (uncertified) return uncertified;
    const [only, ...others] = this.pending;
    if (only && others.length === 0 && only.holds === 0 && this.now >= only.activatesAt)
      this.activateFirst(only);
    const delay = this.terms.activationDelay * (this.recovering ? 2 : 1);
    const holds = this.reasons(settlement);
    this.pending.push({ ...draft, settlement, holds, activatesAt: this.now + delay });
    this.newest = settlement;
    this.digest = settlementDigest(settlement);
    this.tip = draft.state;
    this.signers = draft.next;
    this.nextEpoch++;
  }

  private reasons(s: Settlement): number {
    const stable = this.newest?.totalPayoutStable ?? this.totalStable;
    const flk = this.newest?.totalPayoutFlk ?? this.totalFlk;
    let holds = 0;
    if (s.closeTime <= (this.newest?.closeTime ?? this.base.closeTime)) holds |= HELD.closeTime;
    if (this.isAhead(s)) holds |= HELD.closeTime;
    if (s.nextCommitteeHash.every((byte) => byte === 0)) holds |= HELD.noCommittee;
    if (s.totalPayoutStable < stable || s.totalPayoutFlk < flk) return holds | HELD.totals;
    if (s.totalPayoutStable - stable > this.terms.maxStable) holds |= HELD.stable;
    if (s.totalPayoutFlk - flk > this.terms.maxFlk) holds |= HELD.flk;
    return holds;
  }

  private isAhead(s: Settlement): boolean {
    return s.closeTime > (this.now + this.terms.tolerance) * 1000;
  }

  activate(): Refusal {
    if (this.frozen) return "IsFrozen";
    const first = this.pending[0];
    if (!first) return "NotPending";
    if (first.holds !== 0) return "IsHeld";
    if (this.now < first.activatesAt) return "NotDue";
    this.activateFirst(first);
  }

  /** Holds it when it cannot be. */
  private activateFirst(first: Posted): void {
    const s = first.settlement;
    const payout = s.totalPayoutStable - this.totalStable;
    let holds = s.closeTime <= this.activeCloseTime || this.isAhead(s) ? HELD.closeTime : 0;
    if (payout < 0n || s.totalPayoutFlk < this.totalFlk) holds |= HELD.totals;
    if (holds === 0 && this.inVault < s.totalBalances + payout) holds = HELD.insolvent;
    first.holds = holds;
    if (holds !== 0) return;

    this.inVault -= payout;
    this.inPot += payout;
    this.mint(s.totalPayoutFlk - this.minted, s.closeTime);
    this.totalStable = s.totalPayoutStable;
    this.totalFlk = s.totalPayoutFlk;
    this.active = { settlement: s, state: first.state };
    this.live = structuredClone(first.state);
    this.base = { digest: settlementDigest(s), closeTime: s.closeTime, next: first.next };
    if (first.list.bytes !== "0x") this.certified.set(s.epoch, first.list);
    this.activeEpochs = s.epoch + 1;
    this.activeCloseTime = s.closeTime;
    this.lastActivatedAt = this.now;
    this.recovering = false;
    this.pending.shift();
  }

  /** A walk is shorter than a year. */
  private mint(wanted: bigint, closeTime: number): void {
    const { supply, ceilingBps, startTime } = this.terms;
    this.accruedUpTo = Math.max(this.accruedUpTo, Math.min(closeTime, this.now * 1000));
    const accrued = (supply * ceilingBps * BigInt(this.accruedUpTo - startTime)) / (10_000n * YEAR_MS);
    const minted = minBigint(wanted, accrued - this.minted);
    this.minted += minted;
    this.flkInPot += minted;
  }

  claim(client: number): Refusal {
    if (this.activeEpochs === 0) return "InvalidProof";
    const account = at(this.outside, client);
    const leaf = at(this.active.state.clients, client);
    const stable = leaf.stable - account.claimedStable;
    const due = leaf.flk - account.claimedFlk;
    const flk = minBigint(due, this.flkInPot);
    if (stable < 0n || due < 0n) return "ClaimedMoreBefore";
    if (stable === 0n && due === 0n) return "NothingToClaim";
    if (stable === 0n && flk === 0n) return "NotMintedYet";
    account.claimedStable += stable;
    account.claimedFlk += flk;
    if (account.hasPayee) {
      account.redirected.stable += stable;
      account.redirected.flk += flk;
    }
    this.inPot -= stable;
    this.flkInPot -= flk;
  }

  veto(epoch: number): Refusal {
    if (this.frozen) return "IsFrozen";
    const one = this.pending[epoch - this.firstPending];
    if (!one) return "NotPending";
    if (one === this.pending[0] && one.holds === 0 && this.now >= one.activatesAt) return "VetoTooLate";
    one.holds |= HELD.veto;
  }

  /** `unproven`: why what is shown proves nothing against it. */
  challenge(epoch: number, unproven: Refusal): Refusal {
    if (this.frozen) return "IsFrozen";
    const one = this.pending[epoch - this.firstPending];
    if (!one) return "NotPending";
    if (unproven) return unproven;
    one.holds |= HELD.committee;
  }

  release(epoch: number): Refusal {
    if (this.frozen) return "IsFrozen";
    const one = this.pending[epoch - this.firstPending];
    if (!one) return "NotPending";
    if (one.holds === 0) return "NotHeld";
    one.holds = 0;
  }

  freeze(): Refusal {
    if (this.frozen) return "IsFrozen";
    if (this.now < this.lastActivatedAt + this.terms.escapeDelay) return "EscapeNotOpen";
    this.frozen = true;
    this.frozenAt = this.now;
  }

  /** With the committee that the newest active settlement, or what opened the epochs after it, named. */
  restart(committee: Committee, resumeEpoch: number): Refusal {
    if (this.frozen) {
      if (this.now < this.frozenAt + this.terms.exitWindow) return "ExitWindowOpen";
    } else if ((this.pending[0]?.holds ?? 0) === 0) return "NothingToRestart";
    if (resumeEpoch < this.nextEpoch + 2) return "InvalidResumeEpoch";
    if (this.frozen) this.lastActivatedAt = this.now;
    this.resume({ ...committee, epoch: resumeEpoch });
  }

  recover(resumeEpoch: number): Refusal {
    if (this.now < this.lastActivatedAt + this.terms.recoveryDelay) return "RecoveryNotOpen";
    if (this.frozen && this.now < this.frozenAt + this.terms.exitWindow) return "ExitWindowOpen";
    if (resumeEpoch < this.nextEpoch + 2) return "InvalidResumeEpoch";
    this.lastActivatedAt = this.now;
    this.recovering = true;
    this.resume(testCommittee(resumeEpoch, MEMBERS));
  }

  private resume(committee: Committee): void {
    const { epoch } = committee;
    this.epochs.resume({
      resumeEpoch: epoch,
      activeEpochs: this.activeEpochs,
      nextEpoch: this.nextEpoch,
    });
    this.restarts++;
    this.digest = restartDigest(
      this.networkId,
      this.base.digest,
      committeeHash(committee),
      epoch,
      this.restarts,
    );
    this.base = { digest: this.digest, closeTime: this.base.closeTime, next: committee };
    this.signers = committee;
    this.active.settlement = undefined;
    this.newest = undefined;
    this.pending = [];
    this.frozen = false;
    this.nextEpoch = epoch;
    this.tip = structuredClone(this.live);
  }

  escape(client: number): Refusal {
    if (!this.frozen) return "NotFrozen";
    if (this.activeEpochs === 0) return "InvalidProof";
    const account = at(this.outside, client);
    const leaf = at(this.active.state.clients, client);
    const balance = account.takenAt === this.activeEpochs ? 0n : leaf.balance;
    const unseen = minBigint(account.deposited - leaf.seen, account.deposited - account.counted);
    const amount = balance + unseen;
    if (amount === 0n) return "NothingToEscape";
    account.takenAt = this.activeEpochs;
    at(this.live.clients, client).balance -= balance;
    this.leave(client, amount);
  }

  escapeUnseen(client: number): Refusal {
    if (!this.frozen) return "NotFrozen";
    const account = at(this.outside, client);
    if (account.firstBlock <= this.active.state.l2Number) return "ProofNeeded";
    const amount = account.deposited - account.counted;
    if (amount === 0n) return "NothingToEscape";
    this.leave(client, amount);
  }

  private leave(client: number, amount: bigint): void {
    const account = at(this.outside, client);
    account.escaped += amount;
    account.counted = account.deposited;
    at(this.live.clients, client).seen = account.deposited;
    this.inVault -= amount;
  }
}
