import type { JSX } from "preact";
import { usdText } from "../format/amount.ts";
import { plainNumber, readParameter } from "../format/parameter.ts";
import { plainText, words } from "../format/text.ts";
import { useRevision } from "../graphql/live.ts";
import { useQuery } from "../graphql/use-query.ts";
import { Nothing } from "../parts/amount.tsx";
import { Section } from "../parts/facts.tsx";
import { AccountLink, TransactionLink } from "../parts/hex.tsx";
import { Answer } from "../parts/states.tsx";
import { type Column, Table } from "../parts/table.tsx";
import { Ago } from "../parts/time.tsx";
import {
  type Governed,
  governedQuery,
  type ParameterChange,
  type RegisteredService,
} from "../queries/parameters.ts";
import { epochChanges } from "../queries/status.ts";

export function ParametersPage(): JSX.Element {
  const revision = useRevision(epochChanges, {});
  const result = useQuery(governedQuery, {}, revision);
  return (
    <section class="page">
      <h1>Parameters</h1>
      <p class="lead">Governed numbers as the L2 has them now; a change counts from the next epoch on.</p>
      <Answer result={result}>
        {({ parameters, services, parameterChanges }) => (
          <>
            <Section title="Services and prices">
              <Table
                name="Services"
                columns={SERVICE_COLUMNS}
                rows={services.nodes}
                keyOf={({ id }) => id}
                empty="No service is registered."
              />
            </Section>
            <Section title="Parameters">
              <Table
                name="Parameters"
                columns={COLUMNS}
                rows={parameters.nodes}
                keyOf={({ key }) => key}
                empty="No parameter is set."
              />
            </Section>
            <Section title="Newest changes">
              <Table
                name="Newest changes"
                columns={CHANGE_COLUMNS}
                rows={parameterChanges.nodes}
                keyOf={({ key, txHash, value }) => `${key} ${txHash} ${value}`}
                empty="Nothing was changed."
              />
            </Section>
          </>
        )}
      </Answer>
    </section>
  );
}

const COLUMNS: Column<Governed["parameters"]["nodes"][number]>[] = [
  {
    title: "Parameter",
    cell: ({ key }) => (
      <>
        {words(plainText(key))} <code class="key">{plainText(key)}</code>
      </>
    ),
  },
  {
    title: "Value",
    number: true,
    cell: ({ key, value }) => readParameter(key, value) ?? plainNumber(key, value),
  },
  {
    title: "As stored",
    number: true,
    minor: true,
    cell: ({ key, value }) => <code>{plainNumber(key, value)}</code>,
  },
];

const CHANGE_COLUMNS: Column<ParameterChange>[] = [
  { title: "Parameter", cell: ({ key }) => <code>{plainText(key)}</code> },
  {
    title: "Value",
    number: true,
    cell: ({ key, value }) => readParameter(key, value) ?? plainNumber(key, value),
  },
  { title: "From epoch", number: true, cell: ({ effectiveEpoch }) => effectiveEpoch },
  { title: "Set", minor: true, cell: ({ time }) => <Ago ms={time} /> },
  { title: "Transaction", cell: ({ txHash }) => <TransactionLink value={txHash} /> },
];

const SERVICE_COLUMNS: Column<RegisteredService>[] = [
  { title: "Service", cell: ({ id }) => id },
  { title: "Owner", cell: ({ owner }) => <AccountLink value={owner} /> },
  { title: "Bandwidth, per GB", number: true, cell: ({ prices }) => priceOf(prices, 0) },
  { title: "Compute, per 10⁹ ms", number: true, minor: true, cell: ({ prices }) => priceOf(prices, 1) },
  // an owner's own words: to read, not to follow
  { title: "Metadata", cell: ({ metadataUri }) => <code>{plainText(metadataUri)}</code> },
];

function priceOf(prices: RegisteredService["prices"], commodity: number): string | JSX.Element {
  const found = prices.find((price) => price.commodity === commodity);
  return found ? usdText(found.price) : <Nothing />;
}
