import { sql } from "drizzle-orm";
import type { Transaction } from "./database.ts";
import { accounts } from "./schema.ts";

/** Bits of `accounts.roles`. */
export const ROLE = { client: 1, operator: 2, serviceOwner: 4, treasury: 8, buyback: 16 } as const;
export type Role = keyof typeof ROLE;

/** Rows per statement: PostgreSQL takes at most 65,535 parameters. */
const CHUNK = 2000;

export function* chunks<T>(rows: readonly T[]): Generator<T[]> {
  for (let at = 0; at < rows.length; at += CHUNK) yield rows.slice(at, at + CHUNK);
}

/** Makes missing accounts, and adds `roles` (bits) to each. */
export async function ensureAccounts(tx: Transaction, addresses: Iterable<string>, roles = 0): Promise<void> {
  const rows = [...new Set(addresses)].map((address) => ({ address, roles }));
  for (const chunk of chunks(rows)) {
    await tx
      .insert(accounts)
      .values(chunk)
      .onConflictDoUpdate({
        target: accounts.address,
        set: { roles: sql`${accounts.roles} | excluded.roles` },
      });
  }
}
