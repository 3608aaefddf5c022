import { index, integer, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { amount, place } from "./columns.ts";

export const accounts = pgTable(
  "accounts",
  {
    address: text().primaryKey(),
    /** bits of ROLE in store/rows.ts */
    roles: integer().notNull().default(0),
    /** cumulative deposits on the L2 */
    deposits: amount(),
    /** after the newest verified block */
    balance: amount(),
    depositsSeen: amount(),
    /** of the newest final epoch */
    settledEpoch: integer(),
    settledBalance: amount(),
    settledDeposits: amount(),
    payoutStable: amount(),
    payoutFlk: amount(),
    claimedStable: amount(),
    claimedFlk: amount(),
    /** where claims for it go, when not to itself */
    payee: text(),
    /** left by the escape hatch of the L2 */
    escaped: amount(),
  },
  (t) => [
    index("accounts_balance").on(t.balance, t.address),
    index("accounts_deposits").on(t.deposits, t.address),
    index("accounts_payout").on(t.payoutStable, t.address),
    index("accounts_payout_flk").on(t.payoutFlk, t.address),
  ],
);

/** Balances as the blocks gave them at the close of an epoch; payouts once the report is verified. */
export const accountEpochs = pgTable(
  "account_epochs",
  {
    epoch: integer().notNull(),
    account: text().notNull(),
    balance: amount(),
    depositsSeen: amount(),
    payoutStable: amount(),
    payoutFlk: amount(),
  },
  (t) => [
    primaryKey({ columns: [t.epoch, t.account] }),
    index("account_epochs_account").on(t.account, t.epoch),
  ],
);

export const deposits = pgTable(
  "deposits",
  {
    ...place(),
    account: text().notNull(),
    from: text().notNull(),
    amount: amount(),
    /** cumulative deposits of the account after it */
    total: amount(),
  },
  (t) => [
    primaryKey({ columns: [t.block, t.logIndex] }),
    index("deposits_account").on(t.account, t.block, t.logIndex),
    index("deposits_amount").on(t.amount, t.block, t.logIndex),
    index("deposits_time").using("brin", t.time),
  ],
);

export const claims = pgTable(
  "claims",
  {
    ...place(),
    account: text().notNull(),
    /** who got it */
    payee: text().notNull(),
    stable: amount(),
    flk: amount(),
    cumulativeStable: amount(),
    cumulativeFlk: amount(),
  },
  (t) => [
    primaryKey({ columns: [t.block, t.logIndex] }),
    index("claims_account").on(t.account, t.block, t.logIndex),
    index("claims_payee").on(t.payee, t.block, t.logIndex),
    index("claims_stable").on(t.stable, t.block, t.logIndex),
    index("claims_flk").on(t.flk, t.block, t.logIndex),
    index("claims_time").using("brin", t.time),
  ],
);

/** What was asked for on the L2; what of it was paid is in `withdrawals`. */
export const withdrawRequests = pgTable(
  "withdraw_requests",
  { ...place(), account: text().notNull(), amount: amount() },
  (t) => [
    primaryKey({ columns: [t.block, t.logIndex] }),
    index("withdraw_requests_account").on(t.account, t.block, t.logIndex),
  ],
);

/** Money that left the vault while the settlement was frozen. */
export const escapes = pgTable(
  "escapes",
  {
    ...place(),
    account: text().notNull(),
    amount: amount(),
    /** of it: the balance that was proven */
    balance: amount(),
    depositsCounted: amount(),
  },
  (t) => [
    primaryKey({ columns: [t.block, t.logIndex] }),
    index("escapes_account").on(t.account, t.block, t.logIndex),
  ],
);

/** Where claims for an account go, from then on. */
export const accountPayees = pgTable(
  "account_payees",
  { ...place(), account: text().notNull(), payee: text().notNull() },
  (t) => [
    primaryKey({ columns: [t.block, t.logIndex] }),
    index("account_payees_account").on(t.account, t.block, t.logIndex),
  ],
);

/** FLK that moved on the L2; minted from and burned to the zero address. */
export const tokenTransfers = pgTable(
  "token_transfers",
  { ...place(), from: text().notNull(), to: text().notNull(), amount: amount() },
  (t) => [
    primaryKey({ columns: [t.block, t.logIndex] }),
    index("token_transfers_from").on(t.from, t.block, t.logIndex),
    index("token_transfers_to").on(t.to, t.block, t.logIndex),
    index("token_transfers_time").using("brin", t.time),
  ],
);
