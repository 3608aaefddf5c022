import { payoutProof, payoutRoot } from "#protocol/digests/trees.ts";
import { quorumPower, totalPower } from "#protocol/types/committee.ts";
import { toHex } from "#protocol/types/hex.ts";
import type { PayoutEntry } from "#protocol/types/settlement.ts";
import { absentees, committeeOf } from "./committees.ts";
import { measureTopUp, type TopUpGas } from "./deposits.ts";
import { type GasL2, startGasL2 } from "./l2.ts";
import { type Promised, SettlementChain } from "./settlements.ts";
import { measureSlashing, type SlashingGas } from "./slashing.ts";
import { measureStaking, registerNodes, type StakingGas } from "./staking.ts";
import { accountOf, word } from "./words.ts";

const SIZES = [4, 50, 100] as const;
const LARGEST = 100;
const ABSENT = 5;
/** Who settles when there is nothing to activate. */
const ALONE: Round = { members: 50, nonSigners: ABSENT };
/** Accounts that the payout tree has when claims are measured. */
export const TREE_ACCOUNTS = 20_000;
/** Paid to each account of the tree per epoch: micro-USD, wei. */
const STABLE = 1_234_567n;
const FLK = 1_234_567_890_123_456_789n;

export interface SettleGas {
  members: number;
  nonSigners: number;
  gas: bigint;
}

/** Gas of every call that the protocol repeats: intrinsic gas and calldata included, refunds taken off. */
export interface GasFigures extends StakingGas, SlashingGas {
  settle: SettleGas[];
  /** where the settlement before is active already */
  settleAlone: bigint;
  /** of a settlement that the next one did not activate */
  activate: bigint;
  claim: { first: bigint; again: bigint };
  topUp: TopUpGas;
}

interface Round {
  members: number;
  nonSigners: number;
}

/** Runs it all on a fresh EVM. The same contracts give the same figures. */
export async function measureGas(): Promise<GasFigures> {
  const l2 = await startGasL2();
  try {
    const register = await registerNodes(l2, 2 * LARGEST);
    const topUp = await measureTopUp(l2, BigInt(TREE_ACCOUNTS) * STABLE * 100n);
    const settlement = await measureSettlement(l2);
    const staking = await measureStaking(l2, register);
    return { ...settlement, topUp, ...(await measureSlashing(l2)), ...staking };
  } finally {
    await l2.stop();
  }
}

/** Nobody absent, five, and as many as the quorum allows. */
function rounds(): Round[] {
  return SIZES.flatMap((members) => {
    const committee = committeeOf(0, 1, members);
    const most = totalPower(committee) - quorumPower(committee);
    const counts = new Set([0, Math.min(ABSENT, most), most]);
    return [...counts].map((nonSigners) => ({ members, nonSigners }));
  });
}

/** Every committee is all new: odd and even epochs draw from two halves of the nodes. */
function committeeAt(epoch: number, size: number) {
  return committeeOf(epoch, epoch % 2 === 0 ? 1 : LARGEST + 1, size);
}

async function measureSettlement(
  l2: GasL2,
): Promise<Pick<GasFigures, "settle" | "settleAlone" | "activate" | "claim">> {
  // The first two settlements and the first activation fill slots that were zero; the last two are those that claims go
  // against, and are activated before another is posted.
  const small: Round = { members: 4, nonSigners: 0 };
  const plan: Round[] = [small, small, ...rounds(), small, ALONE];
  const committees = [...plan, { members: 4 }].map(({ members }, epoch) => committeeAt(epoch, members));
  const chain = await SettlementChain.start(l2, committees[0] as (typeof committees)[number]);
  const settle: SettleGas[] = [];
  const claims: bigint[] = [];
  let [settleAlone, activate] = [0n, 0n];
  for (const [epoch, { members, nonSigners }] of plan.entries()) {
    const [committee, next] = [committees[epoch], committees[epoch + 1]];
    if (!committee || !next) break;
    const claimable = epoch >= plan.length - 2;
    const entries = claimable ? payouts(epoch) : [];
    const promised = promise(epoch, claimable ? payoutRoot(entries) : word(`payouts of epoch ${epoch}`));
    const gas = await chain.settle(committee, next, absentees(committee, nonSigners), promised);
    if (epoch > 1 && !claimable) settle.push({ members, nonSigners, gas });
    if (!claimable) continue;
    settleAlone = gas;
    activate = await chain.activate();
    if (claims.length === 0) await claimOf(chain, entries, 0);
    claims.push(await claimOf(chain, entries, TREE_ACCOUNTS / 2));
  }
  const [first, again] = claims as [bigint, bigint];
  return { settle, settleAlone, activate, claim: { first, again } };
}

function promise(epoch: number, root: Uint8Array): Promised {
  const paid = BigInt(TREE_ACCOUNTS) * BigInt(epoch + 1);
  return { payoutRoot: root, totalPayoutStable: paid * STABLE, totalPayoutFlk: paid * FLK };
}

function payouts(epoch: number): PayoutEntry[] {
  const epochs = BigInt(epoch + 1);
  return Array.from({ length: TREE_ACCOUNTS }, (_, i) => ({
    account: accountOf(`payee ${i}`),
    stable: STABLE * epochs,
    flk: FLK * epochs,
  }));
}

async function claimOf(chain: SettlementChain, entries: PayoutEntry[], index: number): Promise<bigint> {
  const account = entries[index]?.account ?? new Uint8Array(20);
  const found = payoutProof(entries, account);
  if (!found) throw new Error("no such payee");
  return chain.claim(toHex(account), found.entry.stable, found.entry.flk, found.proof);
}
