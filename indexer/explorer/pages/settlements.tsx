import type { JSX } from "preact";
import { useRevision } from "../graphql/live.ts";
import { useQuery } from "../graphql/use-query.ts";
import { Count, Flk, Usd } from "../parts/amount.tsx";
import { StateBadge } from "../parts/badge.tsx";
import { TransactionLink } from "../parts/hex.tsx";
import { List, PAGE_SIZE } from "../parts/list.tsx";
import { Answer } from "../parts/states.tsx";
import type { Column } from "../parts/table.tsx";
import { Ago } from "../parts/time.tsx";
import { type ListedSettlement, settlementsQuery } from "../queries/settlements.ts";
import { settlementChanges } from "../queries/status.ts";
import type { Place } from "../router.ts";

export function SettlementsPage({ place }: { place: Place }): JSX.Element {
  const revision = useRevision(settlementChanges, {});
  const result = useQuery(settlementsQuery, { first: PAGE_SIZE, after: place.query.get("after") }, revision);
  return (
    <section class="page">
      <h1>Settlements</h1>
      <p class="lead">One for each epoch, signed by its committee and checked on the L2.</p>
      <Answer result={result}>
        {({ settlements }) => (
          <List
            name="Settlements"
            columns={COLUMNS}
            list={settlements}
            keyOf={({ epoch }) => epoch}
            empty="Nothing has been settled yet."
            place={place}
          />
        )}
      </Answer>
    </section>
  );
}

/** Why a settlement waits for governance, beside its state. */
export function State({ row }: { row: Pick<ListedSettlement, "state" | "heldFor"> }): JSX.Element {
  return (
    <>
      <StateBadge value={row.state} />
      {row.heldFor.map((reason) => (
        <span key={reason} class="problem">
          {reason}
        </span>
      ))}
    </>
  );
}

const COLUMNS: Column<ListedSettlement>[] = [
  { title: "Epoch", cell: ({ epoch }) => <a href={`/settlements/${epoch}`}>{epoch}</a> },
  { title: "State", cell: (row) => <State row={row} /> },
  { title: "Closed", minor: true, cell: ({ closeTime }) => <Ago ms={closeTime} /> },
  { title: "Gas", number: true, cell: ({ gasUsed }) => <Count value={gasUsed} /> },
  {
    title: "Paid out, cumulative",
    unit: "USD",
    number: true,
    cell: ({ totalPayoutStable }) => <Usd value={totalPayoutStable} />,
  },
  {
    title: "FLK, cumulative",
    unit: "FLK",
    number: true,
    minor: true,
    cell: ({ totalPayoutFlk }) => <Flk value={totalPayoutFlk} />,
  },
  { title: "L2 block", number: true, minor: true, cell: ({ block }) => <Count value={block} /> },
  { title: "Transaction", cell: ({ txHash }) => <TransactionLink value={txHash} /> },
];
