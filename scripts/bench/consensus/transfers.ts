import { bytesKey } from "#protocol/types/bytes-key.ts";
import { SignedTransaction, Transfer, TX } from "#protocol/types/transactions.ts";
import { accountOf, signedBy } from "../support/accounts.ts";
import type { CommittedRange } from "./messages.ts";
import { ranges } from "./transactions.ts";

/** Accounts that each member's client sends from, in turn: none has more nonces under way than a pool takes. */
export const ACCOUNTS_PER_MEMBER = 256;

/** All accounts, those of member 1 first. */
export function transferAccounts(members: number): Uint8Array[] {
  return Array.from({ length: members * ACCOUNTS_PER_MEMBER }, (_, number) => accountOf(number));
}

/** The signed transfer of one micro-USD that is number `sequence` of `author`'s. */
export function signedTransfer(
  author: number,
  sequence: number,
  accounts: readonly Uint8Array[],
): Uint8Array {
  const number = (author - 1) * ACCOUNTS_PER_MEMBER + (sequence % ACCOUNTS_PER_MEMBER);
  const body = {
    account: accounts[number] as Uint8Array,
    nonce: Math.floor(sequence / ACCOUNTS_PER_MEMBER),
    to: accounts[(number + 1) % accounts.length] as Uint8Array,
    amount: 1n,
  };
  return signedBy(number, { kind: TX.transfer, body });
}

/** Reads back whose transfers a block has, and which. */
export class TransferReader {
  readonly #numbers: Map<string, number>;

  constructor(accounts: readonly Uint8Array[]) {
    this.#numbers = new Map(accounts.map((account, number) => [bytesKey(account), number]));
  }

  /** `executed[i]`: whether the receipt of transaction i is OK; others are left out. */
  rangesOf(transactions: readonly Uint8Array[], executed: readonly boolean[], at: number): CommittedRange[] {
    const read = [];
    for (const [which, bytes] of transactions.entries()) {
      const { kind, payload } = SignedTransaction.deserialize(bytes);
      if (kind !== TX.transfer || !executed[which]) continue;
      const { account, nonce } = Transfer.deserialize(payload);
      const number = this.#numbers.get(bytesKey(account));
      if (number === undefined) continue;
      const author = 1 + Math.floor(number / ACCOUNTS_PER_MEMBER);
      read.push({ author, sequence: nonce * ACCOUNTS_PER_MEMBER + (number % ACCOUNTS_PER_MEMBER) });
    }
    return ranges(read, at);
  }
}
