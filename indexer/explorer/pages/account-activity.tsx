import type { JSX } from "preact";
import { useQuery } from "../graphql/use-query.ts";
import { Bytes, Count, Usd } from "../parts/amount.tsx";
import { FinalityBadge } from "../parts/badge.tsx";
import { BlockLink, EpochLink, Hex, NodeLink, TransactionLink } from "../parts/hex.tsx";
import { ListSection } from "../parts/list.tsx";
import { Answer } from "../parts/states.tsx";
import type { Column } from "../parts/table.tsx";
import { Ago } from "../parts/time.tsx";
import { type AccountActivity, accountActivityQuery, type Lane, type Session } from "../queries/activity.ts";
import type { ChainTransaction } from "../queries/transactions.ts";
import type { Place } from "../router.ts";
import { Status } from "./transaction.tsx";

const ROWS = 10;

/** What an account did on the protocol chain: what it was delivered, and what it signed. */
export function Activity(props: { address: string; place: Place; revision: number }): JSX.Element {
  const { address, place, revision } = props;
  const variables = {
    address,
    first: ROWS,
    lanes: place.query.get("lanes"),
    transactions: place.query.get("transactions"),
  };
  const result = useQuery(accountActivityQuery, variables, revision);
  return (
    <Answer result={result}>
      {({ account }) => (account === null ? null : <Content activity={account} place={place} />)}
    </Answer>
  );
}

function Content({ activity, place }: { activity: AccountActivity; place: Place }): JSX.Element {
  const { lanes, sessions, withdrawals, transactions } = activity;
  return (
    <>
      <ListSection
        title="Lanes"
        columns={LANE_COLUMNS}
        list={lanes}
        keyOf={({ id }) => id}
        place={place}
        cursor="lanes"
      />
      <div class="columns">
        <ListSection
          title="Session keys"
          columns={SESSION_COLUMNS}
          list={sessions}
          keyOf={({ key }) => key}
        />
        <ListSection
          title="Withdrawals"
          columns={WITHDRAWAL_COLUMNS}
          list={withdrawals}
          keyOf={({ txId, time }) => `${txId} ${time}`}
        />
      </div>
      <ListSection
        title="Transactions on the protocol chain"
        columns={TRANSACTION_COLUMNS}
        list={transactions}
        keyOf={({ id }) => id}
        place={place}
        cursor="transactions"
      />
    </>
  );
}

const LANE_COLUMNS: Column<Lane>[] = [
  { title: "Epoch", cell: ({ epoch }) => <EpochLink number={epoch} /> },
  { title: "Node", cell: ({ nodeId }) => <NodeLink id={nodeId} /> },
  { title: "Service", number: true, minor: true, cell: ({ service }) => service },
  { title: "Deliveries", number: true, cell: ({ deliveries }) => <Count value={deliveries} /> },
  {
    title: "Work",
    number: true,
    cell: ({ units, commodity }) => (commodity === 0 ? <Bytes value={units} /> : <Count value={units} />),
  },
  { title: "Paid", unit: "USD", number: true, cell: ({ revenue }) => <Usd value={revenue} /> },
  { title: "Finality", minor: true, cell: ({ finality }) => <FinalityBadge value={finality} /> },
];

const SESSION_COLUMNS: Column<Session>[] = [
  { title: "Key", cell: ({ key }) => <Hex value={key} /> },
  { title: "Limit per epoch", unit: "USD", number: true, cell: ({ limit }) => <Usd value={limit} /> },
  { title: "Last epoch", number: true, cell: ({ expiryEpoch }) => <Count value={expiryEpoch} /> },
  { title: "State", cell: ({ revokedHeight }) => (revokedHeight === null ? "authorised" : "revoked") },
];

const WITHDRAWAL_COLUMNS: Column<AccountActivity["withdrawals"]["nodes"][number]>[] = [
  { title: "Amount", unit: "USD", number: true, cell: ({ amount }) => <Usd value={amount} /> },
  { title: "Epoch", cell: ({ epoch }) => <EpochLink number={epoch} /> },
  { title: "Time", minor: true, cell: ({ time }) => <Ago ms={time} /> },
  { title: "Transaction", cell: ({ txId }) => <TransactionLink value={txId} /> },
];

const TRANSACTION_COLUMNS: Column<ChainTransaction>[] = [
  { title: "Transaction", cell: ({ id }) => <TransactionLink value={id} /> },
  { title: "Kind", cell: ({ kind }) => <code>{kind}</code> },
  { title: "Outcome", cell: ({ status }) => <Status status={status} /> },
  {
    title: "Block",
    number: true,
    minor: true,
    cell: ({ height }) => <BlockLink height={height} />,
  },
  { title: "Time", cell: ({ time }) => <Ago ms={time} /> },
];
