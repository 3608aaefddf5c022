import type { JSX } from "preact";
import { usdText } from "../format/amount.ts";
import { useRevision } from "../graphql/live.ts";
import { useQuery } from "../graphql/use-query.ts";
import { Count, Flk, Nothing, Usd } from "../parts/amount.tsx";
import { FinalityBadge } from "../parts/badge.tsx";
import { Chart } from "../parts/chart.tsx";
import { Section, Tile, Tiles } from "../parts/facts.tsx";
import { AccountLink, Copy, EpochLink, NodeLink, TransactionLink } from "../parts/hex.tsx";
import { List, ListSection } from "../parts/list.tsx";
import { Answer } from "../parts/states.tsx";
import type { Column } from "../parts/table.tsx";
import { type AccountDetail, type AccountEpoch, accountQuery, type Earning } from "../queries/accounts.ts";
import { accountChanges, epochChanges } from "../queries/status.ts";
import type { Place } from "../router.ts";
import { WalletPanel } from "../wallet/panel.tsx";
import { Activity } from "./account-activity.tsx";
import { Roles } from "./accounts.tsx";

const ROWS = 20;

export function AccountPage({ place, address }: { place: Place; address: string }): JSX.Element {
  const changes = useRevision(accountChanges, { address });
  const epochs = useRevision(epochChanges, {});
  const { query } = place;
  const variables = {
    address,
    first: ROWS,
    epochs: query.get("epochs"),
    deposits: query.get("deposits"),
    claims: query.get("claims"),
  };
  const result = useQuery(accountQuery, variables, changes + epochs);
  return (
    <section class="page">
      <header class="title">
        <h1>Account</h1>
        {result.data?.account ? <Roles roles={result.data.account.roles} /> : null}
      </header>
      <p class="subject">
        <code>{address}</code>
        <Copy text={address} what="address" />
      </p>
      <WalletPanel address={address} account={result.data?.account ?? undefined} />
      <Answer result={result}>
        {({ account }) =>
          account === null ? (
            <p class="empty">This address has paid nothing in, is owed nothing, and runs no node.</p>
          ) : (
            <Content account={account} place={place} revision={changes + epochs} />
          )
        }
      </Answer>
    </section>
  );
}

function Content(props: { account: AccountDetail; place: Place; revision: number }): JSX.Element {
  const { account, place, revision } = props;
  const balances = account.charted.nodes
    .map(({ epoch, balance }) => ({ epoch, value: BigInt(balance) }))
    .reverse();
  return (
    <>
      <Numbers account={account} />
      {balances.length > 0 ? (
        <div class="charts">
          <Chart title="Balance at the close" line points={balances} show={usdText} />
        </div>
      ) : null}
      <ListSection
        title="Nodes"
        name="Nodes of this account"
        columns={NODE_COLUMNS}
        list={account.nodes}
        keyOf={({ id }) => id}
      />
      <History account={account} place={place} />
      <Activity address={account.address} place={place} revision={revision} />
    </>
  );
}

function Numbers({ account }: { account: AccountDetail }): JSX.Element {
  const payee = account.payee === account.address ? null : account.payee;
  return (
    <Tiles>
      <Tile
        name="Balance"
        value={<Usd value={account.balance} />}
        note={
          <>
            <Usd value={account.deposits} /> paid in
          </>
        }
      />
      <Tile
        name="Claimable"
        value={<Usd value={account.claimableStable} />}
        note={
          <>
            <Usd value={account.claimedStable} /> claimed of <Usd value={account.payoutStable} />
          </>
        }
      />
      <Tile
        name="FLK claimable"
        value={<Flk value={account.claimableFlk} />}
        note={
          <>
            <Flk value={account.claimedFlk} /> claimed of <Flk value={account.payoutFlk} />
          </>
        }
      />
      <Tile
        name="Settled balance"
        value={<Usd value={account.settledBalance} />}
        note={
          account.settledEpoch === null ? (
            "no final epoch yet"
          ) : (
            <>
              at the close of epoch <EpochLink number={account.settledEpoch} />
            </>
          )
        }
      />
      {payee ? <Tile name="Claims go to" value={<AccountLink value={payee} />} /> : null}
      {BigInt(account.escaped) > 0n ? <Tile name="Escaped" value={<Usd value={account.escaped} />} /> : null}
    </Tiles>
  );
}

function History({ account, place }: { account: AccountDetail; place: Place }): JSX.Element {
  const { epochs, depositHistory, claims } = account;
  const csv = (
    <a href={`/export/earnings.csv?account=${account.address}`} download data-outside>
      CSV
    </a>
  );
  return (
    <>
      <Section title="Epochs" more={csv}>
        <List
          name="This account by epoch"
          columns={EPOCH_COLUMNS}
          list={epochs}
          keyOf={({ epoch }) => epoch}
          empty="In no closed epoch yet."
          place={place}
          cursor="epochs"
        />
      </Section>
      <div class="columns">
        <Section title="Deposits">
          <List
            name="Deposits"
            columns={DEPOSIT_COLUMNS}
            list={depositHistory}
            keyOf={({ txHash, total }) => txHash + total}
            empty="Nothing was paid in."
            place={place}
            cursor="deposits"
          />
        </Section>
        <Section title="Claims">
          <List
            name="Claims"
            columns={CLAIM_COLUMNS}
            list={claims}
            keyOf={({ txHash }) => txHash}
            empty="Nothing was claimed."
            place={place}
            cursor="claims"
          />
        </Section>
      </div>
    </>
  );
}

const NODE_COLUMNS: Column<AccountDetail["nodes"]["nodes"][number]>[] = [
  { title: "Node", cell: ({ id }) => <NodeLink id={id} /> },
  { title: "Score", number: true, cell: ({ reputation }) => reputation ?? <Nothing /> },
  { title: "Stake", unit: "FLK", number: true, cell: ({ stake }) => <Flk value={stake} /> },
];

/** Without what the account withdrew of its own. */
function incomeOf({ earnedStable, withdrawnStable }: Earning): string {
  return (BigInt(earnedStable) - BigInt(withdrawnStable)).toString();
}

const EPOCH_COLUMNS: Column<AccountEpoch>[] = [
  { title: "Epoch", cell: ({ epoch }) => <EpochLink number={epoch} /> },
  { title: "Balance", unit: "USD", number: true, cell: ({ balance }) => <Usd value={balance} /> },
  {
    title: "Earned",
    unit: "USD",
    number: true,
    cell: ({ earning }) => <Usd value={earning && incomeOf(earning)} />,
  },
  {
    title: "FLK earned",
    unit: "FLK",
    number: true,
    cell: ({ earning }) => <Flk value={earning?.earnedFlk} />,
  },
  {
    title: "Withdrawn",
    unit: "USD",
    number: true,
    minor: true,
    cell: ({ earning }) => <Usd value={earning?.withdrawnStable} />,
  },
  {
    title: "Settled",
    unit: "USD",
    number: true,
    minor: true,
    cell: ({ earning }) => <Usd value={earning?.settledStable} />,
  },
  {
    title: "Claimable",
    unit: "USD",
    number: true,
    minor: true,
    cell: ({ earning }) => <Usd value={earning?.claimableStable} />,
  },
  {
    title: "Claimed",
    unit: "USD",
    number: true,
    minor: true,
    cell: ({ earning }) => <Usd value={earning?.claimedStable} />,
  },
  { title: "Finality", cell: ({ finality }) => <FinalityBadge value={finality} /> },
];

const DEPOSIT_COLUMNS: Column<AccountDetail["depositHistory"]["nodes"][number]>[] = [
  { title: "Amount", unit: "USD", number: true, cell: ({ amount }) => <Usd value={amount} /> },
  { title: "From", cell: ({ from }) => <AccountLink value={from} /> },
  { title: "L2 block", number: true, minor: true, cell: ({ block }) => <Count value={block} /> },
  { title: "Transaction", cell: ({ txHash }) => <TransactionLink value={txHash} /> },
];

const CLAIM_COLUMNS: Column<AccountDetail["claims"]["nodes"][number]>[] = [
  { title: "Stablecoin", unit: "USD", number: true, cell: ({ stable }) => <Usd value={stable} /> },
  { title: "FLK", unit: "FLK", number: true, cell: ({ flk }) => <Flk value={flk} /> },
  { title: "L2 block", number: true, minor: true, cell: ({ block }) => <Count value={block} /> },
  { title: "Transaction", cell: ({ txHash }) => <TransactionLink value={txHash} /> },
];
