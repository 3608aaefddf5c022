import type { JSX } from "preact";
import { useRevision } from "../graphql/live.ts";
import { useQuery } from "../graphql/use-query.ts";
import { Bytes, Count, Done, Flk, Nothing, Usd } from "../parts/amount.tsx";
import { Badge } from "../parts/badge.tsx";
import { Meter } from "../parts/chart.tsx";
import { AccountLink, NodeLink } from "../parts/hex.tsx";
import { List, PAGE_SIZE } from "../parts/list.tsx";
import { useSorting } from "../parts/sorting.tsx";
import { Answer } from "../parts/states.tsx";
import type { Column } from "../parts/table.tsx";
import { type NodeEpoch, type NodeRow, nodesQuery } from "../queries/nodes.ts";
import { epochChanges } from "../queries/status.ts";
import type { Work } from "../queries/types.ts";
import type { Place } from "../router.ts";

const ORDERS = {
  id: { orderBy: "ID", first: "ascending" },
  score: { orderBy: "REPUTATION", first: "descending" },
  stake: { orderBy: "STAKE", first: "descending" },
  work: { orderBy: "UNITS", first: "descending" },
  reward: { orderBy: "REWARD_STABLE", first: "descending" },
  flk: { orderBy: "REWARD_FLK", first: "descending" },
} as const;

export function NodesPage({ place }: { place: Place }): JSX.Element {
  const revision = useRevision(epochChanges, {});
  const { sorting, ...order } = useSorting(place, ORDERS);
  const result = useQuery(
    nodesQuery,
    { first: PAGE_SIZE, after: place.query.get("after"), ...order },
    revision,
  );
  return (
    <section class="page">
      <h1>Nodes</h1>
      <p class="lead">Score, work and rewards of each are of the newest verified epoch that it was in.</p>
      <Answer result={result}>
        {({ nodes }) => (
          <List
            name="Nodes"
            columns={COLUMNS}
            list={nodes}
            keyOf={({ id }) => id}
            empty="No node has registered yet."
            place={place}
            sorting={sorting}
          />
        )}
      </Answer>
    </section>
  );
}

const COMMODITY = { bandwidth: 0, compute: 1 } as const;

/** Of bandwidth in bytes, of compute in ms. */
export function unitsOf(
  work: readonly Pick<Work, "commodity" | "units">[],
  of: keyof typeof COMMODITY,
): string {
  const sum = work
    .filter(({ commodity }) => commodity === COMMODITY[of])
    .reduce((total, { units }) => total + BigInt(units), 0n);
  return sum.toString();
}

function deliveriesOf(work: readonly Pick<Work, "deliveries">[]): number {
  return work.reduce((total, { deliveries }) => total + deliveries, 0);
}

/** What a node had at stake, did and got in one epoch. */
export const WORK_COLUMNS: Column<
  Pick<NodeEpoch, "stake" | "work" | "revenue" | "rewardStable" | "rewardFlk">
>[] = [
  { title: "Stake", unit: "FLK", number: true, minor: true, cell: ({ stake }) => <Flk value={stake} /> },
  {
    title: "Work",
    number: true,
    cell: ({ work }) => <Done bytes={unitsOf(work, "bandwidth")} ms={unitsOf(work, "compute")} />,
  },
  {
    title: "Deliveries",
    number: true,
    minor: true,
    cell: ({ work }) => <Count value={deliveriesOf(work)} />,
  },
  {
    title: "Revenue",
    unit: "USD",
    number: true,
    minor: true,
    cell: ({ revenue }) => <Usd value={revenue} />,
  },
  { title: "Reward", unit: "USD", number: true, cell: ({ rewardStable }) => <Usd value={rewardStable} /> },
  { title: "FLK reward", unit: "FLK", number: true, cell: ({ rewardFlk }) => <Flk value={rewardFlk} /> },
];

function State({ node }: { node: NodeRow }): JSX.Element {
  const [newest] = node.epochs.nodes;
  if (BigInt(node.slashed) > 0n)
    return <Badge text="SLASHED" tone="bad" says="Stake was burned for equivocation" />;
  if (newest?.outByFloor)
    return <Badge text="BELOW FLOOR" tone="bad" says="Kept out of the draws by score or uptime" />;
  if (newest?.inCommittee)
    return <Badge text="COMMITTEE" tone="done" says={`In the committee of epoch ${newest.epoch}`} />;
  if (!node.optedIn)
    return <Badge text="OPTED OUT" tone="wait" says="Does not want to be drawn into committees" />;
  return <Badge text="ACTIVE" tone="plain" says="Takes part in the draws" />;
}

/** Undefined of a node that was in no verified epoch: it has no zero, it has nothing. */
function ofItsEpoch({ reputation }: NodeRow, value: string): string | undefined {
  return reputation === null ? undefined : value;
}

const COLUMNS: Column<NodeRow>[] = [
  { title: "Node", sort: "id", cell: ({ id }) => <NodeLink id={id} /> },
  { title: "Owner", minor: true, cell: ({ owner }) => <AccountLink value={owner} /> },
  {
    title: "Score",
    sort: "score",
    number: true,
    cell: ({ reputation }) =>
      reputation === null ? <Nothing /> : <Meter value={reputation} of={100} label="Score" />,
  },
  { title: "Stake", sort: "stake", unit: "FLK", number: true, cell: ({ stake }) => <Flk value={stake} /> },
  {
    title: "Bandwidth",
    sort: "work",
    number: true,
    cell: (node) => <Bytes value={ofItsEpoch(node, node.units)} />,
  },
  {
    title: "Compute",
    unit: "ms",
    number: true,
    minor: true,
    cell: ({ epochs: { nodes } }) => <Count value={nodes[0] && unitsOf(nodes[0].work, "compute")} />,
  },
  {
    title: "Deliveries",
    number: true,
    minor: true,
    cell: ({ epochs: { nodes } }) => (nodes[0] ? <Count value={deliveriesOf(nodes[0].work)} /> : <Nothing />),
  },
  {
    title: "Reward",
    sort: "reward",
    unit: "USD",
    number: true,
    cell: (node) => <Usd value={ofItsEpoch(node, node.rewardStable)} />,
  },
  {
    title: "FLK reward",
    sort: "flk",
    unit: "FLK",
    number: true,
    cell: (node) => <Flk value={ofItsEpoch(node, node.rewardFlk)} />,
  },
  { title: "State", cell: (node) => <State node={node} /> },
];
