import type { JSX } from "preact";
import { useRevision } from "../graphql/live.ts";
import { useQuery } from "../graphql/use-query.ts";
import { Count } from "../parts/amount.tsx";
import { Facts } from "../parts/facts.tsx";
import { BlockLink, EpochLink, Hex, NodeLink } from "../parts/hex.tsx";
import { List, PAGE_SIZE } from "../parts/list.tsx";
import { Answer, NotFound } from "../parts/states.tsx";
import type { Column } from "../parts/table.tsx";
import { Ago, At } from "../parts/time.tsx";
import { blockQuery, blocksQuery } from "../queries/epochs.ts";
import { blockChanges } from "../queries/status.ts";
import type { BlockRow } from "../queries/types.ts";
import type { Place } from "../router.ts";

export const BLOCK_COLUMNS: Column<BlockRow>[] = [
  { title: "Height", cell: ({ height }) => <BlockLink height={height} /> },
  { title: "Epoch", cell: ({ epoch }) => <EpochLink number={epoch} /> },
  { title: "Index", number: true, minor: true, cell: ({ index }) => <Count value={index} /> },
  { title: "Transactions", number: true, cell: ({ transactions }) => <Count value={transactions} /> },
  { title: "Time", number: true, cell: ({ time }) => <Ago ms={time} /> },
];

export function BlocksPage({ place }: { place: Place }): JSX.Element {
  const after = place.query.get("after");
  const revision = useRevision(after ? undefined : blockChanges, {});
  const result = useQuery(blocksQuery, { first: PAGE_SIZE, after }, revision);
  return (
    <section class="page">
      <h1>Blocks</h1>
      <p class="lead">Certified by 2f+1 of the committee's power, checked against its keys on the L2.</p>
      <Answer result={result}>
        {({ blocks }) => (
          <List
            name="Blocks"
            columns={BLOCK_COLUMNS}
            list={blocks}
            keyOf={({ height }) => height}
            empty="No block yet."
            place={place}
          />
        )}
      </Answer>
    </section>
  );
}

export function BlockPage({ height }: { height: number }): JSX.Element {
  const result = useQuery(blockQuery, { height });
  return (
    <Answer result={result}>
      {({ block }) =>
        block === null ? (
          <NotFound what={`There is no block ${height} yet.`} />
        ) : (
          <section class="page">
            <h1>Block {block.height}</h1>
            <Facts
              facts={[
                { name: "Epoch", value: <EpochLink number={block.epoch} /> },
                { name: "Index in the epoch", value: <Count value={block.index} /> },
                { name: "Time", value: <At ms={block.time} /> },
                { name: "Transactions", value: <Count value={block.transactions} /> },
                { name: "L2 view", value: <Count value={block.l2Block} /> },
                { name: "Anchor by", value: <NodeLink id={block.anchorAuthor} /> },
                { name: "Anchor", value: <Hex value={block.anchor} whole /> },
                { name: "Block root", value: <Hex value={block.blockRoot} whole /> },
                { name: "State root", value: <Hex value={block.stateRoot} whole /> },
              ]}
            />
            <nav class="pager" aria-label="Blocks beside">
              {block.height > 0 ? <a href={`/blocks/${block.height - 1}`}>Before</a> : null}
              <a href={`/blocks/${block.height + 1}`}>After</a>
            </nav>
          </section>
        )
      }
    </Answer>
  );
}
