import type { JSX } from "preact";
import { useRevision } from "../graphql/live.ts";
import { useQuery } from "../graphql/use-query.ts";
import { Count, Done, Flk, Nothing, Usd } from "../parts/amount.tsx";
import { FinalityBadge, Verified } from "../parts/badge.tsx";
import { EpochLink } from "../parts/hex.tsx";
import { List, PAGE_SIZE } from "../parts/list.tsx";
import { Answer } from "../parts/states.tsx";
import type { Column } from "../parts/table.tsx";
import { Ago } from "../parts/time.tsx";
import { type EpochRow, epochsQuery } from "../queries/epochs.ts";
import { epochChanges } from "../queries/status.ts";
import type { Place } from "../router.ts";

export function EpochsPage({ place }: { place: Place }): JSX.Element {
  const revision = useRevision(epochChanges, {});
  const result = useQuery(epochsQuery, { first: PAGE_SIZE, after: place.query.get("after") }, revision);
  return (
    <section class="page">
      <h1>Epochs</h1>
      <p class="lead">
        What an epoch paid is shown once its report agrees with the blocks, the L2 and the settlement.
      </p>
      <Answer result={result}>
        {({ epochs }) => (
          <List
            name="Epochs"
            columns={COLUMNS}
            list={epochs}
            keyOf={({ number }) => number}
            empty="No epoch has begun yet."
            place={place}
          />
        )}
      </Answer>
    </section>
  );
}

/** How sure an epoch is, and whether its report agrees. */
export const CHECK_COLUMNS: Column<EpochRow>[] = [
  {
    title: "Finality",
    cell: ({ finality, closeTime }) =>
      closeTime === null ? <Nothing /> : <FinalityBadge value={finality} />,
  },
  {
    title: "Check",
    cell: ({ verified, problem, closeTime }) => (
      <Verified verified={verified} problem={problem} open={closeTime === null} />
    ),
  },
];

const COLUMNS: Column<EpochRow>[] = [
  { title: "Epoch", cell: ({ number }) => <EpochLink number={number} /> },
  { title: "Closed", cell: ({ closeTime }) => (closeTime === null ? "open" : <Ago ms={closeTime} />) },
  { title: "Blocks", number: true, minor: true, cell: ({ blocks }) => <Count value={blocks} /> },
  {
    title: "Transactions",
    number: true,
    minor: true,
    cell: ({ transactions }) => <Count value={transactions} />,
  },
  { title: "Deliveries", number: true, cell: ({ deliveries }) => <Count value={deliveries} /> },
  { title: "Work", number: true, minor: true, cell: ({ bytes, ms }) => <Done bytes={bytes} ms={ms} /> },
  { title: "Revenue", unit: "USD", number: true, cell: ({ revenue }) => <Usd value={revenue} /> },
  {
    title: "FLK granted",
    unit: "FLK",
    number: true,
    minor: true,
    cell: ({ flkMinted }) => <Flk value={flkMinted} />,
  },
  ...CHECK_COLUMNS,
];
