import { readFile } from "node:fs/promises";
import { escapeVault, getEscapeRoot } from "#client/actions/escape-vault.ts";
import { freeze as sendFreeze } from "#client/actions/freeze.ts";
import { requestWithdraw } from "#client/actions/request-withdraw.ts";
import { waitForReceipt } from "#client/actions/wait-for-receipt.ts";
import { withdraw as sendWithdrawal } from "#client/actions/withdraw.ts";
import { decode } from "#protocol/types/codec.ts";
import { EpochReport } from "#protocol/types/settlement.ts";
import type { CommonOptions } from "../cmds/options.ts";
import { cliError } from "../errors.ts";
import { formatStable, parseAddress, parseStable } from "../io/amounts.ts";
import { createOutput } from "../io/output.ts";
import { personaOf } from "./persona.ts";

/** Turns balance into payout: by the protocol chain, or where that does not help by the L2. */
export async function withdraw(usd: string, options: CommonOptions & { onL2?: boolean }): Promise<void> {
  const amount = parseStable(usd);
  const persona = await personaOf(options);
  if (options.onL2) {
    const { txHash } = await requestWithdraw(persona.l2, { amount });
    createOutput(options).data({ amount, txHash }, [
      `asked for ${formatStable(amount)} in ${txHash}; flk claim pays it once the epoch that sees it is active`,
    ]);
    return;
  }
  const id = await sendWithdrawal(persona.node, { signer: persona.account, amount });
  await waitForReceipt(persona.node, { id });
  createOutput(options).data({ amount, transaction: id }, [
    `${formatStable(amount)} becomes a payout; flk claim pays it once the epoch is active`,
  ]);
}

/** Stops the settlement so that everybody can leave. */
export async function freeze(options: CommonOptions): Promise<void> {
  const { l2, config } = await personaOf(options);
  const { txHash } = await sendFreeze(l2, { fromBlock: BigInt(config.l2.deploy_block) });
  createOutput(options).data({ txHash }, [
    `frozen in ${txHash}: flk escape takes balances out until governance restarts the network`,
  ]);
}

/** Takes out what an account owns while the settlement is frozen. */
export async function leaveVault(
  named: string | undefined,
  options: CommonOptions & { report?: string },
): Promise<void> {
  const wanted = named === undefined ? undefined : parseAddress(named);
  const report = options.report === undefined ? undefined : await readReport(options.report);
  const { l2, node, address } = await personaOf(options);
  const account = wanted ?? address;
  const { open } = await getEscapeRoot(l2);
  if (!open)
    throw cliError("ERR_NOT_FROZEN", "the settlement is not frozen: flk withdraw, or flk freeze first");
  const { txHash } = await escapeVault(l2, { account, client: node, report });
  createOutput(options).data({ account, txHash }, [`${account} left in ${txHash}`]);
}

/** @throws ERR_INPUT_FILE */
async function readReport(path: string): Promise<EpochReport> {
  try {
    return decode(EpochReport, await readFile(path));
  } catch (cause) {
    const message = `${path} is no report of an epoch as GET /v1/epochs/{e}/report serves it`;
    throw cliError("ERR_INPUT_FILE", message, { path }, cause);
  }
}
