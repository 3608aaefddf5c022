import type { JSX } from "preact";
import { wholeNumber } from "../format/amount.ts";
import { plainText } from "../format/text.ts";
import { useRevision } from "../graphql/live.ts";
import { useQuery } from "../graphql/use-query.ts";
import { Count, Nothing } from "../parts/amount.tsx";
import { FinalityBadge } from "../parts/badge.tsx";
import { Facts, Section } from "../parts/facts.tsx";
import { AccountLink, BlockLink, Copy, EpochLink, NodeLink } from "../parts/hex.tsx";
import { Answer } from "../parts/states.tsx";
import { type Column, Table } from "../parts/table.tsx";
import { Ago, At } from "../parts/time.tsx";
import { epochChanges } from "../queries/status.ts";
import { type ChainTransaction, type ContractEvent, transactionQuery } from "../queries/transactions.ts";

export function TransactionPage({ hash }: { hash: string }): JSX.Element {
  const revision = useRevision(epochChanges, {});
  const result = useQuery(transactionQuery, { hash }, revision);
  return (
    <section class="page">
      <h1>Transaction</h1>
      <p class="subject">
        <code>{hash}</code>
        <Copy text={hash} what="transaction" />
      </p>
      <Answer result={result}>
        {({ transaction, contractEvents }) => (
          <>
            {transaction ? (
              <Section title="On the protocol chain">
                <Committed transaction={transaction} />
              </Section>
            ) : null}
            {contractEvents.totalCount > 0 ? (
              <Section title="Events on the L2">
                <Table
                  name="Events on the L2"
                  columns={COLUMNS}
                  rows={contractEvents.nodes}
                  keyOf={({ logIndex }) => logIndex}
                  empty="None."
                />
                {contractEvents.totalCount > contractEvents.nodes.length ? (
                  <p class="pager">
                    The first {contractEvents.nodes.length} of {wholeNumber(contractEvents.totalCount)}
                  </p>
                ) : null}
              </Section>
            ) : null}
            {transaction || contractEvents.totalCount > 0 ? null : (
              <p class="empty">
                Neither the protocol chain nor the network's contracts have it, in a final block.
              </p>
            )}
          </>
        )}
      </Answer>
    </section>
  );
}

/** What became of a transaction: OK, or the code that says why not. */
export function Status({ status }: { status: string }): JSX.Element {
  return status === "OK" ? <span class="verified">OK</span> : <span class="problem">{status}</span>;
}

function Committed({ transaction }: { transaction: ChainTransaction }): JSX.Element {
  const { account, nodeId, height } = transaction;
  return (
    <Facts
      facts={[
        { name: "Kind", value: <code>{transaction.kind}</code> },
        { name: "Outcome", value: <Status status={transaction.status} /> },
        {
          name: "From",
          value: account ? (
            <AccountLink value={account} whole />
          ) : nodeId === null ? (
            <Nothing />
          ) : (
            <NodeLink id={nodeId} />
          ),
        },
        { name: "Block", value: <BlockLink height={height} /> },
        { name: "Epoch", value: <EpochLink number={transaction.epoch} /> },
        { name: "Time", value: <At ms={transaction.time} /> },
        { name: "Finality", value: <FinalityBadge value={transaction.finality} /> },
      ]}
    />
  );
}

const COLUMNS: Column<ContractEvent>[] = [
  { title: "Contract", cell: ({ contract }) => contract },
  { title: "Event", cell: ({ name }) => (name === null ? <Nothing /> : <code>{name}</code>) },
  { title: "Arguments", cell: ({ args }) => <code class="wrapped">{plainText(args)}</code> },
  { title: "L2 block", number: true, minor: true, cell: ({ block }) => <Count value={block} /> },
  { title: "Time", minor: true, cell: ({ time }) => <Ago ms={time} /> },
];
