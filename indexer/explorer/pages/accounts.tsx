import type { JSX } from "preact";
import { useRevision } from "../graphql/live.ts";
import { useQuery } from "../graphql/use-query.ts";
import { Flk, Usd } from "../parts/amount.tsx";
import { Badge } from "../parts/badge.tsx";
import { AccountLink } from "../parts/hex.tsx";
import { Choice, List, PAGE_SIZE } from "../parts/list.tsx";
import { Answer } from "../parts/states.tsx";
import type { Column } from "../parts/table.tsx";
import { type AccountRow, accountsQuery } from "../queries/accounts.ts";
import { epochChanges } from "../queries/status.ts";
import type { Place } from "../router.ts";

const BY_BALANCE = { orderBy: "BALANCE", direction: "DESC" };
const ORDERS: Record<string, { orderBy: string; direction: string }> = {
  balance: BY_BALANCE,
  payout: { orderBy: "PAYOUT_STABLE", direction: "DESC" },
  address: { orderBy: "ADDRESS", direction: "ASC" },
};

export const ROLES: Record<string, string> = {
  CLIENT: "Client",
  OPERATOR: "Operator",
  SERVICE_OWNER: "Service owner",
  TREASURY: "Treasury",
  BUYBACK: "Buyback",
};

export function AccountsPage({ place }: { place: Place }): JSX.Element {
  const revision = useRevision(epochChanges, {});
  const role = place.query.get("role");
  const variables = {
    first: PAGE_SIZE,
    after: place.query.get("after"),
    role: role !== null && role in ROLES ? role : null,
    ...(ORDERS[place.query.get("sort") ?? "balance"] ?? BY_BALANCE),
  };
  const result = useQuery(accountsQuery, variables, revision);
  return (
    <section class="page">
      <header class="title">
        <h1>Accounts</h1>
        <Choice
          place={place}
          name="sort"
          label="Order"
          options={[
            { value: undefined, text: "By balance" },
            { value: "payout", text: "By payout" },
            { value: "address", text: "By address" },
          ]}
        />
      </header>
      <Choice
        place={place}
        name="role"
        label="Role"
        options={[
          { value: undefined, text: "All" },
          ...Object.entries(ROLES).map(([value, text]) => ({ value, text })),
        ]}
      />
      <Answer result={result}>
        {({ accounts }) => (
          <List
            name="Accounts"
            columns={COLUMNS}
            list={accounts}
            keyOf={({ address }) => address}
            empty="No account yet."
            place={place}
          />
        )}
      </Answer>
    </section>
  );
}

export function Roles({ roles }: { roles: readonly string[] }): JSX.Element {
  return (
    <>
      {roles.map((role) => (
        <Badge key={role} text={ROLES[role] ?? role} tone="plain" />
      ))}
    </>
  );
}

const COLUMNS: Column<AccountRow>[] = [
  { title: "Account", cell: ({ address }) => <AccountLink value={address} /> },
  { title: "Role", cell: ({ roles }) => <Roles roles={roles} /> },
  { title: "Balance", unit: "USD", number: true, cell: ({ balance }) => <Usd value={balance} /> },
  {
    title: "Deposits",
    unit: "USD",
    number: true,
    minor: true,
    cell: ({ deposits }) => <Usd value={deposits} />,
  },
  {
    title: "Payout",
    unit: "USD",
    number: true,
    minor: true,
    cell: ({ payoutStable }) => <Usd value={payoutStable} />,
  },
  {
    title: "Claimable",
    unit: "USD",
    number: true,
    cell: ({ claimableStable }) => <Usd value={claimableStable} />,
  },
  {
    title: "FLK claimable",
    unit: "FLK",
    number: true,
    cell: ({ claimableFlk }) => <Flk value={claimableFlk} />,
  },
];
