import {
  type AccountTransaction,
  accountTypedData,
  encodeAccountTransaction,
} from "#protocol/digests/transactions.ts";
import { fromHex, type Hex, toHex } from "#protocol/types/hex.ts";
import { assertU64 } from "../checks.ts";
import type { FlkClient } from "../client.ts";
import { clientError } from "../errors.ts";
import { hex } from "../rpc/json.ts";
import { getAccount } from "./get-account.ts";

/** What signs for an account: a viem LocalAccount, or a WalletClient with an account (`walletSigner`). */
export interface AccountSigner {
  readonly address: Hex;
  /** EIP-712; 65 bytes r ‖ s ‖ v */
  signTypedData(typedData: ReturnType<typeof accountTypedData>): Promise<Hex>;
}

type WithoutSender<T> = T extends { kind: infer Kind; body: infer Body }
  ? { kind: Kind; body: Omit<Body, "account" | "nonce"> }
  : never;
/** A transaction without its sender and nonce. */
export type AccountAction = WithoutSender<AccountTransaction>;

/** Hands a serialized SignedTransaction to the node. Returns its id. @throws the node's codes */
export async function sendRawTransaction(client: FlkClient, transaction: Uint8Array): Promise<Hex> {
  return hex(await client.request("flk_send_txn", [toHex(transaction)]), "transaction id", 32);
}

/**
 * Signs and sends an account's transaction with the account's next nonce, or with `nonce` when several are sent without
 * waiting. Returns its id: `waitForReceipt` says what became of it. @throws ERR_AMOUNT, ERR_SIGNER, the node's codes
 */
export async function sendTransaction(
  client: FlkClient,
  parameters: { signer: AccountSigner; action: AccountAction; nonce?: number },
): Promise<Hex> {
  const { signer, action } = parameters;
  for (const [name, value] of Object.entries(action.body))
    if (!(value instanceof Uint8Array)) assertU64(value, name);
  if (parameters.nonce !== undefined) assertU64(parameters.nonce, "nonce");
  const nonce = parameters.nonce ?? (await getAccount(client, { address: signer.address }))?.nonce;
  if (nonce === undefined) {
    throw clientError("ERR_SIGNER", `${signer.address} has no account on the chain yet: top it up first`);
  }
  const body = { ...action.body, account: fromHex(signer.address, 20), nonce };
  const transaction = { kind: action.kind, body } as AccountTransaction;
  const signature = await signer.signTypedData(accountTypedData(client.network, transaction));
  return sendRawTransaction(client, encodeAccountTransaction(transaction, signature));
}
