import type { JSX } from "preact";
import { exactAmount, FLK_DECIMALS, shortBytes, usdText, wholeNumber } from "../format/amount.ts";
import { plainText, words } from "../format/text.ts";
import { useRevision } from "../graphql/live.ts";
import { useQuery } from "../graphql/use-query.ts";
import { Count, Flk, Nothing, Usd } from "../parts/amount.tsx";
import { Badge, FinalityBadge } from "../parts/badge.tsx";
import { Chart, Meter, type Point } from "../parts/chart.tsx";
import { Facts, Section, Tile, Tiles } from "../parts/facts.tsx";
import { AccountLink, EpochLink, Hex } from "../parts/hex.tsx";
import { List } from "../parts/list.tsx";
import { Answer, NotFound } from "../parts/states.tsx";
import type { Column } from "../parts/table.tsx";
import { At } from "../parts/time.tsx";
import { type NodeDetail, type NodeEpoch, nodeQuery } from "../queries/nodes.ts";
import { epochChanges, nodeChanges } from "../queries/status.ts";
import type { Standing } from "../queries/types.ts";
import type { Place } from "../router.ts";
import { unitsOf, WORK_COLUMNS } from "./nodes.tsx";
import { StakeHistory } from "./stake-history.tsx";

const EPOCHS = 20;

export function NodePage({ place, id }: { place: Place; id: number }): JSX.Element {
  const epochs = useRevision(epochChanges, {});
  const changes = useRevision(nodeChanges, { id });
  const result = useQuery(
    nodeQuery,
    { id, first: EPOCHS, after: place.query.get("after") },
    epochs + changes,
  );
  return (
    <Answer result={result}>
      {({ node }) =>
        node === null ? (
          <NotFound what={`There is no node ${id}.`} />
        ) : (
          <Content node={node} place={place} revision={epochs + changes} />
        )
      }
    </Answer>
  );
}

function Content(props: { node: NodeDetail; place: Place; revision: number }): JSX.Element {
  const { node, place, revision } = props;
  const [newest] = node.charted.nodes;
  return (
    <section class="page">
      <header class="title">
        <h1>Node {node.id}</h1>
        {newest?.inCommittee ? (
          <Badge text="COMMITTEE" tone="done" says={`Of epoch ${newest.epoch}`} />
        ) : null}
        {node.optedIn ? null : <Badge text="OPTED OUT" tone="wait" />}
        {newest?.outByFloor ? <Badge text="BELOW FLOOR" tone="bad" /> : null}
        {BigInt(node.slashed) > 0n ? <Badge text="SLASHED" tone="bad" /> : null}
      </header>
      <Tiles>
        <Tile
          name="Score"
          value={node.reputation === null ? <Nothing /> : node.reputation}
          note={newest ? <>of 100, epoch {newest.epoch}</> : "no epoch checked yet"}
        />
        <Tile
          name="Stake"
          value={<Flk value={node.stake} />}
          note={
            BigInt(node.thawing) > 0n ? (
              <>
                <Flk value={node.thawing} /> thawing
              </>
            ) : (
              "nothing thaws"
            )
          }
        />
        <Tile
          name="Claimable"
          value={<Usd value={node.account?.claimableStable} />}
          note={<Flk value={node.account?.claimableFlk} />}
        />
      </Tiles>
      <Charts epochs={node.charted.nodes} />
      <div class="columns">
        <Section title="Registration">
          <Registration node={node} />
        </Section>
        <Section title={newest ? `Why this score, epoch ${newest.epoch}` : "Why this score"}>
          {newest ? <Components standing={newest} /> : <p class="empty">No epoch checked yet.</p>}
        </Section>
      </div>
      <StakeHistory id={node.id} revision={revision} />
      <Section title="Epochs">
        <List
          name="Epochs of this node"
          columns={COLUMNS}
          list={node.epochs}
          keyOf={({ epoch }) => epoch}
          empty="In no verified epoch yet."
          place={place}
        />
      </Section>
    </section>
  );
}

function Charts({ epochs }: { epochs: NodeEpoch[] }): JSX.Element {
  const points = (numberOf: (row: NodeEpoch) => string | number): Point[] =>
    epochs.map((row) => ({ epoch: row.epoch, value: BigInt(numberOf(row)) })).reverse();
  const flk = (value: bigint): string => `${exactAmount(value, FLK_DECIMALS)} FLK`;
  const ms = (value: bigint): string => `${wholeNumber(value)} ms`;
  const compute = points((row) => unitsOf(row.work, "compute"));
  return (
    <div class="charts">
      <Chart title="Score" line top={100n} points={points((row) => row.reputation)} show={String} />
      <Chart title="Bandwidth" points={points((row) => unitsOf(row.work, "bandwidth"))} show={shortBytes} />
      {compute.some(({ value }) => value > 0n) ? <Chart title="Compute" points={compute} show={ms} /> : null}
      <Chart title="Reward" points={points((row) => row.rewardStable)} show={usdText} />
      <Chart title="FLK reward" points={points((row) => row.rewardFlk)} show={flk} />
      <Chart title="Stake" line points={points((row) => row.stake)} show={flk} />
    </div>
  );
}

function Registration({ node }: { node: NodeDetail }): JSX.Element {
  const { lockedUntil, endpoints } = node;
  return (
    <Facts
      facts={[
        { name: "Owner", value: <AccountLink value={node.owner} whole /> },
        { name: "Operator", value: <AccountLink value={node.operator} whole /> },
        { name: "Payee", value: <AccountLink value={node.payee} whole /> },
        { name: "Locked until", value: lockedUntil === null ? <Nothing /> : <At ms={lockedUntil * 1000} /> },
        { name: "Slashed", value: <Flk value={node.slashed} exact /> },
        {
          name: "Endpoints",
          // addresses that an operator wrote: to read, not to follow
          value:
            endpoints.length === 0 ? (
              <Nothing />
            ) : (
              endpoints.map((text) => <code key={text}>{plainText(text)}</code>)
            ),
        },
        { name: "Consensus key", value: <Hex value={node.consensusKey} whole /> },
        { name: "Key version", value: node.keyVersion },
        { name: "Network key", value: <Hex value={node.networkKey} whole /> },
      ]}
    />
  );
}

const COMPONENTS = ["latency", "uptime", "throughput", "success", "trust", "credibility"] as const;
const TEN_THOUSAND = 10_000;

export function Components({ standing }: { standing: Standing }): JSX.Element {
  return (
    <Facts
      facts={[
        ...COMPONENTS.map((name) => ({
          name: words(name),
          value: <Meter value={standing[name]} of={TEN_THOUSAND} label={name} />,
        })),
        { name: "Reporters", value: <Count value={standing.reporters} /> },
      ]}
    />
  );
}

const COLUMNS: Column<NodeEpoch>[] = [
  { title: "Epoch", cell: ({ epoch }) => <EpochLink number={epoch} /> },
  { title: "Score", number: true, cell: ({ reputation }) => reputation },
  ...WORK_COLUMNS,
  {
    title: "Scheduled",
    unit: "FLK",
    number: true,
    minor: true,
    cell: ({ scheduledFlk }) => <Flk value={scheduledFlk} />,
  },
  { title: "Finality", cell: ({ finality }) => <FinalityBadge value={finality} /> },
];
