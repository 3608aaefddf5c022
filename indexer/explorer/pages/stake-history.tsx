import type { JSX } from "preact";
import { useQuery } from "../graphql/use-query.ts";
import { Flk } from "../parts/amount.tsx";
import { AccountLink, EpochLink, TransactionLink } from "../parts/hex.tsx";
import { ListSection } from "../parts/list.tsx";
import { Problem } from "../parts/states.tsx";
import type { Column } from "../parts/table.tsx";
import { Ago, At } from "../parts/time.tsx";
import { type NodeHistory, nodeHistoryQuery } from "../queries/activity.ts";

/** What happened to the stake of a node, where anything did. */
export function StakeHistory({ id, revision }: { id: number; revision: number }): JSX.Element | null {
  const { data, error } = useQuery(nodeHistoryQuery, { id }, revision);
  if (error) return <Problem error={error} />;
  if (!data?.node) return null;
  const { slashes, thawRequests, stakeLocks } = data.node;
  return (
    <>
      <ListSection title="Slashes" columns={SLASHES} list={slashes} keyOf={({ txHash }) => txHash} />
      <ListSection
        title="Thawing"
        name="Requests to unstake"
        columns={THAWS}
        list={thawRequests}
        keyOf={({ request }) => request}
      />
      <ListSection title="Locks" columns={LOCKS} list={stakeLocks} keyOf={({ txHash }) => txHash} />
    </>
  );
}

const SLASHES: Column<NodeHistory["slashes"]["nodes"][number]>[] = [
  { title: "Burned", unit: "FLK", number: true, cell: ({ amount }) => <Flk value={amount} /> },
  { title: "Epoch", cell: ({ epoch }) => <EpochLink number={epoch} /> },
  { title: "Reported by", cell: ({ reporter }) => <AccountLink value={reporter} /> },
  { title: "Reward", unit: "FLK", number: true, minor: true, cell: ({ reward }) => <Flk value={reward} /> },
  { title: "Time", cell: ({ time }) => <Ago ms={time} /> },
  { title: "Transaction", cell: ({ txHash }) => <TransactionLink value={txHash} /> },
];

const THAWS: Column<NodeHistory["thawRequests"]["nodes"][number]>[] = [
  { title: "Request", cell: ({ request }) => request },
  { title: "Amount", unit: "FLK", number: true, cell: ({ amount }) => <Flk value={amount} /> },
  {
    title: "Left",
    unit: "FLK",
    number: true,
    minor: true,
    cell: ({ remaining }) => <Flk value={remaining} />,
  },
  { title: "Thawed", cell: ({ maturesAt }) => <At ms={maturesAt * 1000} /> },
  { title: "State", cell: ({ state }) => <code>{state}</code> },
  { title: "Transaction", cell: ({ txHash }) => <TransactionLink value={txHash} /> },
];

const LOCKS: Column<NodeHistory["stakeLocks"]["nodes"][number]>[] = [
  { title: "Locked until", cell: ({ lockedUntil }) => <At ms={lockedUntil * 1000} /> },
  { title: "Time", cell: ({ time }) => <Ago ms={time} /> },
  { title: "Transaction", cell: ({ txHash }) => <TransactionLink value={txHash} /> },
];
