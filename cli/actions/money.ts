import { activateDue, getFirstPending } from "#client/actions/activate.ts";
import { getClaimed, getSettled } from "#client/actions/claim.ts";
import { claimMany, type FailedClaim, type PaidClaim } from "#client/actions/claim-many.ts";
import { getAccount } from "#client/actions/get-account.ts";
import { getTokenBalance } from "#client/actions/get-token-balance.ts";
import type { L2Receipt } from "#client/actions/l2-client.ts";
import { setClaimPayee } from "#client/actions/set-claim-payee.ts";
import { topUpWithPermit } from "#client/actions/top-up-with-permit.ts";
import { type Hex, toHex } from "#protocol/types/hex.ts";
import type { CommonOptions } from "../cmds/options.ts";
import { resolveHome } from "../config/home.ts";
import { loadConfig } from "../config/load.ts";
import { cliError } from "../errors.ts";
import { formatFlk, formatStable, formatTime, parseAddress, parseStable } from "../io/amounts.ts";
import { createOutput } from "../io/output.ts";
import { ownerAddress } from "./keys.ts";
import { openReader, type Persona, personaOf } from "./persona.ts";

/** Deposits micro-USD for `beneficiary` with a Permit. @throws ERR_L2_REVERTED */
export function topUpBalance({ l2 }: Persona, beneficiary: Hex, amount: bigint): Promise<L2Receipt> {
  return topUpWithPermit(l2, { amount, beneficiary });
}

export async function topUp(amount: string, options: CommonOptions & { for?: string }): Promise<void> {
  const microUsd = parseStable(amount);
  const named = options.for === undefined ? undefined : parseAddress(options.for);
  const persona = await personaOf(options);
  const beneficiary = named ?? persona.address;
  const { txHash } = await topUpBalance(persona, beneficiary, microUsd);
  createOutput(options).data({ beneficiary, amount: microUsd, txHash }, [
    `${formatStable(microUsd)} paid in for ${beneficiary}; the balance shows it once the L2 block is final`,
  ]);
}

export async function showBalance(named: string | undefined, options: CommonOptions): Promise<void> {
  const typed = named === undefined ? undefined : parseAddress(named);
  const home = resolveHome(options.home);
  const config = await loadConfig(home);
  const address = typed ?? (await ownerAddress(home));
  const { l2, node } = await openReader(home, config);
  const { stable, flk } = l2.contracts;
  const [account, claimed, walletStable, walletFlk] = await Promise.all([
    getAccount(node, { address }),
    getClaimed(l2, { account: address }),
    getTokenBalance(l2, { token: stable, owner: address }),
    getTokenBalance(l2, { token: flk, owner: address }),
  ]);
  const view = {
    address,
    balance: account?.balance ?? 0n,
    reserved: account?.reserved ?? 0n,
    available: account?.available ?? 0n,
    payoutStable: account?.payoutStable ?? 0n,
    payoutFlk: account?.payoutFlk ?? 0n,
    claimedStable: claimed.stable,
    claimedFlk: claimed.flk,
    walletStable,
    walletFlk,
  };
  createOutput(options).data(view, [
    `address   ${address}`,
    `balance   ${formatStable(view.balance)} on the network: ${formatStable(view.available)} available, ${formatStable(view.reserved)} reserved for nodes`,
    `payouts   ${formatStable(view.payoutStable)} and ${formatFlk(view.payoutFlk)} so far`,
    `claimed   ${formatStable(view.claimedStable)} and ${formatFlk(view.claimedFlk)}`,
    `wallet    ${formatStable(walletStable)} and ${formatFlk(walletFlk)} on the L2`,
  ]);
}

/**
 * Makes active what is due, then claims for `accounts`, or for everyone whom the newest active settlement names. Those who are
 * owed nothing are left out.
 */
export async function claimAll(
  persona: Persona,
  accounts?: Hex[],
): Promise<{ epoch: number; claims: PaidClaim[]; failed: FailedClaim[] }> {
  const { node, l2 } = persona;
  try {
    await activateDue(node, l2);
    const settled = await getSettled(node, l2);
    const whom = accounts ?? settled.report.payouts.map(({ account }) => toHex(account));
    const { paid, failed } = await claimMany(node, l2, { accounts: whom, settled });
    return { epoch: settled.settlement.epoch, claims: paid, failed };
  } catch (error) {
    persona.forgetNonce();
    throw error;
  }
}

/** Makes active what is due, for everybody. */
export async function activate(options: CommonOptions): Promise<void> {
  const { node, l2 } = await personaOf(options);
  const receipts = await activateDue(node, l2);
  const waiting = await getFirstPending(l2);
  const lines = [
    receipts.length === 1 ? "1 settlement made active" : `${receipts.length} settlements made active`,
  ];
  if (waiting) {
    const why =
      waiting.held === 0 ? `is due at ${formatTime(BigInt(waiting.activatesAt))}` : "waits for governance";
    lines.push(`epoch ${waiting.epoch} ${why}`);
  }
  createOutput(options).data({ activated: receipts.map(({ txHash }) => txHash), waiting }, lines);
}

/** Names where claims of this account go. */
export async function claimTo(named: string, options: CommonOptions): Promise<void> {
  const payee = named === "self" ? undefined : parseAddress(named);
  const { l2, address } = await personaOf(options);
  const { txHash } = await setClaimPayee(l2, { payee });
  createOutput(options).data({ account: address, payee: payee ?? address, txHash }, [
    `claims of ${address} go to ${payee ?? "itself"}`,
  ]);
}

export async function claimPayouts(
  named: string[],
  options: CommonOptions & { all?: boolean },
): Promise<void> {
  const addresses = named.map(parseAddress);
  if (options.all && addresses.length > 0)
    throw cliError("ERR_USAGE", "claim takes addresses or --all, not both");
  const persona = await personaOf(options);
  const whom = addresses.length > 0 ? addresses : [persona.address.toLowerCase() as Hex];
  const { epoch, claims, failed } = await claimAll(persona, options.all ? undefined : whom);
  const lines = claims.map(
    (c) => `${c.account} got ${formatStable(c.stable)} and ${formatFlk(c.flk)} in ${c.txHash}`,
  );
  lines.push(...failed.map(({ account, reason }) => `${account} could not be paid: ${reason}`));
  createOutput(options).data({ epoch, claims, failed }, lines.length > 0 ? lines : ["nothing to claim"]);
}
