import type { JSX } from "preact";
import { perMille } from "../format/amount.ts";
import { plainText } from "../format/text.ts";
import { useRevision } from "../graphql/live.ts";
import { useQuery } from "../graphql/use-query.ts";
import { Flk, Nothing } from "../parts/amount.tsx";
import { Badge, FinalityBadge } from "../parts/badge.tsx";
import { Meter } from "../parts/chart.tsx";
import { Facts, Section } from "../parts/facts.tsx";
import { AccountLink, Hex, TransactionLink } from "../parts/hex.tsx";
import { List, PAGE_SIZE } from "../parts/list.tsx";
import { Answer, NotFound } from "../parts/states.tsx";
import { type Column, Table } from "../parts/table.tsx";
import { Ago, At } from "../parts/time.tsx";
import {
  type ProposalDetail,
  type ProposalRow,
  proposalQuery,
  proposalsQuery,
} from "../queries/proposals.ts";
import { epochChanges } from "../queries/status.ts";
import type { Place } from "../router.ts";

export function ProposalsPage({ place }: { place: Place }): JSX.Element {
  const revision = useRevision(epochChanges, {});
  const result = useQuery(proposalsQuery, { first: PAGE_SIZE, after: place.query.get("after") }, revision);
  return (
    <section class="page">
      <h1>Proposals</h1>
      <p class="lead">What holders of FLK vote on: held and delegated, or staked.</p>
      <Answer result={result}>
        {({ proposals }) => (
          <List
            name="Proposals"
            columns={COLUMNS}
            list={proposals}
            keyOf={({ id }) => id}
            empty="Nothing has been proposed yet."
            place={place}
          />
        )}
      </Answer>
    </section>
  );
}

export function ProposalPage({ place, id }: { place: Place; id: string }): JSX.Element {
  const revision = useRevision(epochChanges, {});
  const result = useQuery(proposalQuery, { id, first: PAGE_SIZE, after: place.query.get("after") }, revision);
  return (
    <Answer result={result}>
      {({ proposal }) =>
        proposal === null ? (
          <NotFound what="There is no such proposal." />
        ) : (
          <Content proposal={proposal} place={place} />
        )
      }
    </Answer>
  );
}

const TONES: Record<string, string> = { CREATED: "near", QUEUED: "near", EXECUTED: "done", CANCELED: "bad" };
const TITLE = 90;

function State({ state }: { state: string }): JSX.Element {
  return <Badge text={state} tone={TONES[state] ?? "plain"} />;
}

/** Its first line: what somebody wrote about it, to read only. */
function titleOf({ description, id }: ProposalRow): string {
  const first = plainText((description.split("\n", 1)[0] ?? "").trim());
  if (first === "") return `Proposal ${id.slice(0, 10)}`;
  return first.length > TITLE ? `${first.slice(0, TITLE)}…` : first;
}

/** Of all that voted for or against. */
function Share({ row }: { row: ProposalRow }): JSX.Element {
  const yes = BigInt(row.votesFor);
  const all = yes + BigInt(row.votesAgainst);
  return all === 0n ? <Nothing /> : <Meter value={perMille(yes, all)} of={1000} label="For" />;
}

function Content({ proposal, place }: { proposal: ProposalDetail; place: Place }): JSX.Element {
  const { votes } = proposal;
  return (
    <section class="page">
      <header class="title">
        <h1>{titleOf(proposal)}</h1>
        <State state={proposal.state} />
        <FinalityBadge value={proposal.finality} />
      </header>
      <Facts
        facts={[
          { name: "Id", value: <Hex value={proposal.id} whole /> },
          { name: "Proposed by", value: <AccountLink value={proposal.proposer} whole /> },
          { name: "Proposed", value: <At ms={proposal.time} /> },
          { name: "Votes from", value: <At ms={proposal.voteStart * 1000} /> },
          { name: "Votes until", value: <At ms={proposal.voteEnd * 1000} /> },
          { name: "For", value: <Flk value={proposal.votesFor} exact /> },
          { name: "Against", value: <Flk value={proposal.votesAgainst} exact /> },
          { name: "Abstain", value: <Flk value={proposal.votesAbstain} exact /> },
          { name: "Transaction", value: <TransactionLink value={proposal.txHash} whole /> },
          { name: "Closed in", value: <TransactionLink value={proposal.closedTx} whole /> },
        ]}
      />
      <Section title="Words">
        <p class="words">{proposal.description.split("\n").map(plainText).join("\n")}</p>
      </Section>
      <Section title="Calls">
        <Table
          name="Calls"
          columns={CALLS}
          rows={proposal.calls}
          keyOf={({ target, data }) => target + data}
          empty="None."
        />
      </Section>
      <Section title="Votes">
        <List
          name="Votes"
          columns={VOTES}
          list={votes}
          keyOf={({ voter }) => voter}
          empty="Nobody has voted yet."
          place={place}
        />
      </Section>
    </section>
  );
}

const COLUMNS: Column<ProposalRow>[] = [
  { title: "Proposal", cell: (row) => <a href={`/proposals/${row.id}`}>{titleOf(row)}</a> },
  { title: "State", cell: ({ state }) => <State state={state} /> },
  { title: "For, %", number: true, cell: (row) => <Share row={row} /> },
  { title: "For", unit: "FLK", number: true, minor: true, cell: ({ votesFor }) => <Flk value={votesFor} /> },
  {
    title: "Against",
    unit: "FLK",
    number: true,
    minor: true,
    cell: ({ votesAgainst }) => <Flk value={votesAgainst} />,
  },
  { title: "Proposed", cell: ({ time }) => <Ago ms={time} /> },
];

const CALLS: Column<ProposalDetail["calls"][number]>[] = [
  { title: "Contract", cell: ({ target }) => <Hex value={target} /> },
  { title: "Value, wei", number: true, cell: ({ value }) => value },
  { title: "Data", cell: ({ data }) => <code class="wrapped">{data}</code> },
];

const VOTES: Column<ProposalDetail["votes"]["nodes"][number]>[] = [
  { title: "Voter", cell: ({ voter }) => <AccountLink value={voter} /> },
  { title: "Vote", cell: ({ support }) => <code>{support}</code> },
  { title: "Weight", unit: "FLK", number: true, cell: ({ weight }) => <Flk value={weight} /> },
  { title: "Reason", cell: ({ reason }) => <span class="wrapped">{plainText(reason)}</span> },
  { title: "Time", minor: true, cell: ({ time }) => <Ago ms={time} /> },
];
