import type { JSX } from "preact";
import { useRevision } from "../graphql/live.ts";
import { useQuery } from "../graphql/use-query.ts";
import { Count, Done, Flk, Nothing, Usd } from "../parts/amount.tsx";
import { Badge, FinalityBadge, StateBadge, Verified } from "../parts/badge.tsx";
import { Meter } from "../parts/chart.tsx";
import { Facts, Section, Tile, Tiles } from "../parts/facts.tsx";
import { AccountLink, EpochLink, Hex, NodeLink } from "../parts/hex.tsx";
import { List, PAGE_SIZE } from "../parts/list.tsx";
import { Answer, NotFound } from "../parts/states.tsx";
import type { Column } from "../parts/table.tsx";
import { At } from "../parts/time.tsx";
import { type EpochDetail, epochQuery } from "../queries/epochs.ts";
import { epochChanges, settlementChanges } from "../queries/status.ts";
import type { Place } from "../router.ts";
import { WORK_COLUMNS } from "./nodes.tsx";

export function EpochPage({ place, number }: { place: Place; number: number }): JSX.Element {
  const epochs = useRevision(epochChanges, {});
  const settlements = useRevision(settlementChanges, {});
  const variables = {
    number,
    first: PAGE_SIZE,
    nodes: place.query.get("nodes"),
    accounts: place.query.get("accounts"),
  };
  const result = useQuery(epochQuery, variables, epochs + settlements);
  return (
    <Answer result={result}>
      {({ epoch }) =>
        epoch === null ? (
          <NotFound what={`There is no epoch ${number} yet.`} />
        ) : (
          <Content epoch={epoch} place={place} />
        )
      }
    </Answer>
  );
}

function Content({ epoch, place }: { epoch: EpochDetail; place: Place }): JSX.Element {
  const open = epoch.closeTime === null;
  return (
    <section class="page">
      <header class="title">
        <h1>Epoch {epoch.number}</h1>
        {open ? <Badge text="OPEN" tone="wait" /> : <FinalityBadge value={epoch.finality} />}
        <Verified verified={epoch.verified} problem={epoch.problem} open={open} />
      </header>
      {epoch.problem && !epoch.verified ? (
        <p class="notice bad" role="alert">
          <code>{epoch.problem}</code> What the node reported of this epoch does not agree with what was
          committed or settled. Nothing of the report is shown.
        </p>
      ) : null}
      <Tiles>
        <Tile
          name="Deliveries"
          value={<Count value={epoch.deliveries} />}
          note={<Done bytes={epoch.bytes} ms={epoch.ms} />}
        />
        <Tile
          name="Revenue"
          value={<Usd value={epoch.revenue} />}
          note={
            <>
              <Usd value={epoch.treasury} /> to the treasury
            </>
          }
        />
        <Tile
          name="FLK granted"
          value={<Flk value={epoch.flkMinted} />}
          note={
            <>
              <Flk value={epoch.flkScheduled} /> scheduled for it
            </>
          }
        />
        <Tile
          name="Blocks"
          value={<Count value={epoch.blocks} />}
          note={
            <>
              <Count value={epoch.transactions} /> transactions
            </>
          }
        />
      </Tiles>
      <Section title="Close">
        <Close epoch={epoch} />
      </Section>
      <Section title="Nodes">
        <List
          name="Nodes in this epoch"
          columns={NODE_COLUMNS}
          list={epoch.nodes}
          keyOf={({ nodeId }) => nodeId}
          empty="Shown once the report is verified."
          place={place}
          cursor="nodes"
        />
      </Section>
      <Section title="Accounts at its close">
        <List
          name="Accounts at the close of this epoch"
          columns={ACCOUNT_COLUMNS}
          list={epoch.accounts}
          keyOf={({ account }) => account}
          empty="No account yet."
          place={place}
          cursor="accounts"
        />
      </Section>
    </section>
  );
}

function Close({ epoch }: { epoch: EpochDetail }): JSX.Element {
  const { settlement, grant, committee } = epoch;
  return (
    <Facts
      facts={[
        { name: "Opened", value: <At ms={epoch.openTime} /> },
        { name: "Closed", value: <At ms={epoch.closeTime} /> },
        {
          name: "Committee",
          value: committee.map((id) => <NodeLink key={id} id={id} />),
        },
        { name: "Digest", value: <Hex value={epoch.digest} whole /> },
        {
          name: "Settlement",
          value: settlement ? (
            <>
              <a href={`/settlements/${epoch.number}`}>on the L2</a> <StateBadge value={settlement.state} />
            </>
          ) : (
            <Nothing />
          ),
        },
        { name: "Lanes", value: <Count value={epoch.lanes} /> },
        { name: "Buyback", value: <Usd value={epoch.buyback} /> },
        {
          name: "Granted for it",
          value: grant ? (
            <>
              <Flk value={grant.flk} exact /> at the close of epoch <EpochLink number={grant.grantedBy} />,
              for <Flk value={grant.lotBurn} exact /> burned
            </>
          ) : (
            <Nothing />
          ),
        },
      ]}
    />
  );
}

const NODE_COLUMNS: Column<EpochDetail["nodes"]["nodes"][number]>[] = [
  { title: "Node", cell: ({ nodeId }) => <NodeLink id={nodeId} /> },
  {
    title: "Score",
    number: true,
    cell: ({ reputation }) => <Meter value={reputation} of={100} label="Score" />,
  },
  ...WORK_COLUMNS,
  { title: "Committee", cell: ({ inCommittee }) => (inCommittee ? "member" : <Nothing />) },
];

const ACCOUNT_COLUMNS: Column<EpochDetail["accounts"]["nodes"][number]>[] = [
  { title: "Account", cell: ({ account }) => <AccountLink value={account} /> },
  { title: "Balance", unit: "USD", number: true, cell: ({ balance }) => <Usd value={balance} /> },
  { title: "Payout", unit: "USD", number: true, cell: ({ payoutStable }) => <Usd value={payoutStable} /> },
  { title: "FLK payout", unit: "FLK", number: true, cell: ({ payoutFlk }) => <Flk value={payoutFlk} /> },
];
