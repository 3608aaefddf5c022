import { clientVaultAbi } from "#protocol/abi/ClientVault.ts";
import { epochSettlementAbi } from "#protocol/abi/EpochSettlement.ts";
import { balanceProof, balanceRoot } from "#protocol/digests/trees.ts";
import { fromHex, type Hex, toHex } from "#protocol/types/hex.ts";
import type { BalanceEntry, EpochReport } from "#protocol/types/settlement.ts";
import type { FlkClient } from "../client.ts";
import { clientError } from "../errors.ts";
import { getEpochReport } from "./get-settlement.ts";
import { execute, type L2Client, type L2Reader, type L2Receipt } from "./l2-client.ts";

/** What accounts leave by while the settlement is frozen. */
export interface EscapeRoot {
  open: boolean;
  balanceRoot: Hex;
  /** L2 block up to which it knows deposits */
  l2Number: bigint;
  /** newest active epoch + 1 */
  activeEpochs: number;
}

export async function getEscapeRoot(l2: L2Reader): Promise<EscapeRoot> {
  const [open, balanceRoot, l2Number, key] = await l2.public.readContract({
    address: l2.contracts.settlement,
    abi: epochSettlementAbi,
    functionName: "escapeRoot",
  });
  return { open, balanceRoot, l2Number, activeEpochs: Number(key) };
}

/**
 * Pays `account`, the wallet when absent, what the last active settlement says it owns and what was deposited since; anyone may do it
 * for anyone, while the settlement is frozen. The proof comes from the report of the last active epoch: `report`, or what `client`, any
 * node, serves. An account whose first deposit is newer than the report needs neither.
 * @throws ERR_NO_BALANCE, ERR_NOT_SETTLED without the report, ERR_REPORT_HASH when it is another one, ERR_L2_REVERTED
 */
export async function escapeVault(
  l2: L2Client,
  parameters: { account?: Hex; client?: FlkClient; report?: EpochReport | undefined } = {},
): Promise<L2Receipt> {
  const account = parameters.account ?? l2.wallet.account.address;
  const vault = { address: l2.contracts.vault, abi: clientVaultAbi } as const;
  const root = await getEscapeRoot(l2);
  const first = await l2.public.readContract({
    ...vault,
    functionName: "firstDepositBlock",
    args: [account],
  });
  if (!root.open || first > root.l2Number) {
    return execute(l2, { ...vault, functionName: "escapeUnseen", args: [account] });
  }
  const balances = await balancesUnder(root, parameters);
  const found = balanceProof(balances, fromHex(account, 20));
  if (!found)
    throw clientError("ERR_NO_BALANCE", `the last active settlement does not know ${account}`, { account });
  const { balance, depositsSeen } = found.entry;
  const args = [account, balance, depositsSeen, found.proof];
  return execute(l2, { ...vault, functionName: "escape", args });
}

async function balancesUnder(
  { balanceRoot: root, activeEpochs }: EscapeRoot,
  { client, report }: { client?: FlkClient; report?: EpochReport | undefined },
): Promise<BalanceEntry[]> {
  const epoch = activeEpochs - 1;
  const found = report ?? (client && epoch >= 0 ? await getEpochReport(client, { epoch }) : undefined);
  if (!found) {
    const message = `nobody gave the report of epoch ${epoch}, the last active one`;
    throw clientError("ERR_NOT_SETTLED", message, { epoch });
  }
  if (toHex(balanceRoot(found.balances)) !== root) {
    const message = `the balances of the report are not those of epoch ${epoch}, the last active one`;
    throw clientError("ERR_REPORT_HASH", message, { epoch });
  }
  return found.balances;
}
