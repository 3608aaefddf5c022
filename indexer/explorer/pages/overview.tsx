import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { FLK_DECIMALS, shortAmount, usdText, wholeNumber } from "../format/amount.ts";
import { duration } from "../format/time.ts";
import { useRevision, useSubscription } from "../graphql/live.ts";
import { useQuery } from "../graphql/use-query.ts";
import { Count, Done, Nothing, Usd } from "../parts/amount.tsx";
import { StateBadge } from "../parts/badge.tsx";
import { Chart, type Point } from "../parts/chart.tsx";
import { Section, Tile, Tiles } from "../parts/facts.tsx";
import { EpochLink } from "../parts/hex.tsx";
import { Answer } from "../parts/states.tsx";
import { type Column, Table } from "../parts/table.tsx";
import { Ago, useNow } from "../parts/time.tsx";
import { inForceQuery, type Overview, type OverviewEpoch, overviewQuery } from "../queries/overview.ts";
import { blockChanges, epochChanges, settlementChanges } from "../queries/status.ts";
import type { BlockRow } from "../queries/types.ts";
import { BLOCK_COLUMNS } from "./blocks.tsx";
import { CHECK_COLUMNS } from "./epochs.tsx";

const NEWEST_BLOCKS = 8;
const NEWEST_EPOCHS = 8;

export function OverviewPage(): JSX.Element {
  const epochs = useRevision(epochChanges, {});
  const settlements = useRevision(settlementChanges, {});
  const result = useQuery(overviewQuery, {}, epochs + settlements);
  return (
    <section class="page">
      <h1 class="hidden">Overview</h1>
      <Answer result={result}>{(data) => <Content data={data} />}</Answer>
    </section>
  );
}

function Content({ data }: { data: Overview }): JSX.Element {
  const epochs = data.epochs.nodes;
  const closed = epochs.filter(({ deliveries }) => deliveries !== null);
  const settled = epochs.filter(({ settlement }) => settlement !== null);
  const pointsOf = (
    rows: OverviewEpoch[],
    numberOf: (row: OverviewEpoch) => string | number | null,
  ): Point[] => rows.map((row) => ({ epoch: row.number, value: BigInt(numberOf(row) ?? 0) })).reverse();
  return (
    <>
      <Numbers data={data} newest={closed[0]} settled={settled[0]} />
      <div class="charts">
        <Chart
          title="Deliveries"
          points={pointsOf(closed, (row) => row.deliveries)}
          show={(value) => wholeNumber(value)}
        />
        <Chart title="Revenue" points={pointsOf(closed, (row) => row.revenue)} show={usdText} />
        <Chart
          title="FLK granted"
          points={pointsOf(closed, (row) => row.flkMinted)}
          show={(value) => `${shortAmount(value, FLK_DECIMALS, 4).text} FLK`}
        />
        <Chart
          title="Settlement gas"
          points={pointsOf(settled, (row) => row.settlement?.gasUsed ?? null)}
          show={(value) => wholeNumber(value)}
        />
      </div>
      <div class="columns">
        <Section title="Epochs" more={<a href="/epochs">All epochs</a>}>
          <Table
            name="Newest epochs"
            columns={EPOCH_COLUMNS}
            rows={epochs.slice(0, NEWEST_EPOCHS)}
            keyOf={({ number }) => number}
            empty="No epoch has begun yet."
          />
        </Section>
        <Section title="Blocks" more={<a href="/blocks">All blocks</a>}>
          <NewestBlocks known={data.blocks.nodes} />
        </Section>
      </div>
    </>
  );
}

function Numbers(props: {
  data: Overview;
  newest: OverviewEpoch | undefined;
  settled: OverviewEpoch | undefined;
}): JSX.Element {
  const { data, newest, settled } = props;
  const current = data.epochs.nodes[0];
  return (
    <Tiles>
      {current?.closeTime === null ? <OpenEpoch epoch={current} /> : <OtherEpoch epoch={current} />}
      <Tile
        name="Deliveries"
        value={<Count value={newest?.deliveries} />}
        note={
          newest ? (
            <>
              in epoch {newest.number}, <Done bytes={newest.bytes} ms={newest.ms} />
            </>
          ) : (
            "no epoch checked yet"
          )
        }
      />
      <Tile
        name="Revenue"
        value={<Usd value={newest?.revenue} />}
        note={newest ? <>in epoch {newest.number}</> : "no epoch checked yet"}
      />
      <Tile
        name="Settlement gas"
        value={<Count value={settled?.settlement?.gasUsed} />}
        note={
          settled?.settlement ? (
            <>
              epoch <a href={`/settlements/${settled.number}`}>{settled.number}</a>{" "}
              <StateBadge value={settled.settlement.state} />
            </>
          ) : (
            "nothing settled yet"
          )
        }
      />
      <Tile
        name="Nodes"
        value={<Count value={data.nodes.totalCount} />}
        note={<a href="/nodes">Score, stake, work</a>}
      />
      <Tile
        name="Accounts"
        value={<Count value={data.accounts.totalCount} />}
        note={<a href="/accounts">Balances, payouts</a>}
      />
    </Tiles>
  );
}

const linkTo = ({ number }: OverviewEpoch): JSX.Element => (
  <a href={`/epochs/${number}`}>{wholeNumber(number)}</a>
);

function OtherEpoch({ epoch }: { epoch: OverviewEpoch | undefined }): JSX.Element {
  return epoch ? (
    <Tile name="Epoch" value={linkTo(epoch)} note="closed" />
  ) : (
    <Tile name="Epoch" value={<Nothing />} note="not started yet" />
  );
}

function OpenEpoch({ epoch }: { epoch: OverviewEpoch }): JSX.Element {
  const now = useNow();
  const { data } = useQuery(inForceQuery, { epoch: epoch.number });
  const length = data?.parameters.nodes[0]?.value;
  const link = linkTo(epoch);
  if (length === undefined) return <Tile name="Epoch" value={link} note="open" />;
  const lengthMs = Number(length);
  const left = epoch.openTime + lengthMs - now;
  return (
    <Tile
      name="Epoch"
      value={link}
      note={
        <>
          {left > 0 ? `ends in ${duration(left / 1000)}` : "closes with the next block"}
          <progress
            max={lengthMs}
            value={Math.min(lengthMs, Math.max(0, now - epoch.openTime))}
            aria-label="Epoch"
          />
        </>
      }
    />
  );
}

/** Each block as it comes. */
function NewestBlocks({ known }: { known: BlockRow[] }): JSX.Element {
  const [arrived, setArrived] = useState<BlockRow[]>([]);
  useSubscription(blockChanges, {}, ({ block }) =>
    setArrived((before) =>
      [block, ...before.filter(({ height }) => height !== block.height)].slice(0, NEWEST_BLOCKS),
    ),
  );
  const heights = new Set(arrived.map(({ height }) => height));
  const rows = [...arrived, ...known.filter(({ height }) => !heights.has(height))]
    .sort((a, b) => b.height - a.height)
    .slice(0, NEWEST_BLOCKS);
  return (
    <Table
      name="Newest blocks"
      columns={BLOCK_COLUMNS}
      rows={rows}
      keyOf={({ height }) => height}
      empty="No block yet."
    />
  );
}

const EPOCH_COLUMNS: Column<OverviewEpoch>[] = [
  { title: "Epoch", cell: ({ number }) => <EpochLink number={number} /> },
  { title: "Closed", minor: true, cell: ({ closeTime }) => <Ago ms={closeTime} /> },
  { title: "Deliveries", number: true, cell: ({ deliveries }) => <Count value={deliveries} /> },
  { title: "Revenue", unit: "USD", number: true, cell: ({ revenue }) => <Usd value={revenue} /> },
  ...CHECK_COLUMNS,
];
