import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { wholeNumber } from "./format/amount.ts";
import { useConnected, useSubscription } from "./graphql/live.ts";
import { useQuery } from "./graphql/use-query.ts";
import { AccountPage } from "./pages/account.tsx";
import { AccountsPage } from "./pages/accounts.tsx";
import { BlockPage, BlocksPage } from "./pages/blocks.tsx";
import { EpochPage } from "./pages/epoch.tsx";
import { EpochsPage } from "./pages/epochs.tsx";
import { NodePage } from "./pages/node.tsx";
import { NodesPage } from "./pages/nodes.tsx";
import { OverviewPage } from "./pages/overview.tsx";
import { ParametersPage } from "./pages/parameters.tsx";
import { ProposalPage, ProposalsPage } from "./pages/proposals.tsx";
import { SearchPage } from "./pages/search.tsx";
import { SettlementPage } from "./pages/settlement.tsx";
import { SettlementsPage } from "./pages/settlements.tsx";
import { TransactionPage } from "./pages/transaction.tsx";
import { SearchBox } from "./parts/search-box.tsx";
import { NotFound } from "./parts/states.tsx";
import { epochChanges, type Status, statusQuery } from "./queries/status.ts";
import { type Place, usePlace } from "./router.ts";
import { WalletButton } from "./wallet/button.tsx";

const SECTIONS = [
  { path: "nodes", name: "Nodes" },
  { path: "accounts", name: "Accounts" },
  { path: "epochs", name: "Epochs" },
  { path: "settlements", name: "Settlements" },
  { path: "parameters", name: "Parameters" },
  { path: "proposals", name: "Proposals" },
];

export function App(): JSX.Element {
  const place = usePlace();
  const status = useStatus();
  const [section = "", subject] = place.path;
  useEffect(() => {
    const name = SECTIONS.find(({ path }) => path === section)?.name ?? (section || "Overview");
    document.title = `${subject === undefined ? name : `${name} ${subject}`} · flk`;
  }, [section, subject]);
  return (
    <>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <header class="top">
        <a class="brand" href="/" aria-label="flk, overview">
          <svg viewBox="0 0 32 32" aria-hidden="true">
            <rect width="32" height="32" rx="8" />
            <path d="M10 23V9h12M10 16h9" />
          </svg>
          flk
        </a>
        <nav aria-label="Sections">
          {SECTIONS.map(({ path, name }) => (
            <a key={path} href={`/${path}`} aria-current={path === section ? "page" : undefined}>
              {name}
            </a>
          ))}
        </nav>
        <SearchBox />
        <WalletButton />
      </header>
      <Readiness status={status} />
      <main id="main" tabIndex={-1}>
        <Page place={place} />
      </main>
      <Footer status={status} />
    </>
  );
}

function Page({ place }: { place: Place }): JSX.Element {
  const [section, subject, beyond] = place.path;
  if (beyond !== undefined) return <NotFound what="There is no such page." />;
  if (section === undefined) return <OverviewPage />;
  if (section === "search") return <SearchPage text={place.query.get("q") ?? ""} />;
  return (
    (subject === undefined ? listOf(section, place) : oneOf(section, subject, place)) ?? (
      <NotFound what="There is no such page." />
    )
  );
}

function listOf(section: string, place: Place): JSX.Element | undefined {
  if (section === "nodes") return <NodesPage place={place} />;
  if (section === "accounts") return <AccountsPage place={place} />;
  if (section === "epochs") return <EpochsPage place={place} />;
  if (section === "settlements") return <SettlementsPage place={place} />;
  if (section === "blocks") return <BlocksPage place={place} />;
  if (section === "parameters") return <ParametersPage />;
  if (section === "proposals") return <ProposalsPage place={place} />;
  return undefined;
}

const INT = /^\d{1,9}$/;
const COUNTER = /^\d{1,15}$/;

/** The key makes another page of another subject: nothing of the one before is kept. */
function oneOf(section: string, subject: string, place: Place): JSX.Element | undefined {
  const number = Number(subject);
  if (section === "accounts" && /^0x[0-9a-fA-F]{40}$/.test(subject)) {
    const address = subject.toLowerCase();
    return <AccountPage key={address} place={place} address={address} />;
  }
  if (section === "transactions" && /^0x[0-9a-fA-F]{64}$/.test(subject)) {
    const hash = subject.toLowerCase();
    return <TransactionPage key={hash} hash={hash} />;
  }
  if (section === "proposals" && /^\d{1,78}$/.test(subject))
    return <ProposalPage key={subject} place={place} id={subject} />;
  if (section === "blocks" && COUNTER.test(subject)) return <BlockPage key={number} height={number} />;
  if (!INT.test(subject)) return undefined;
  if (section === "nodes") return <NodePage key={number} place={place} id={number} />;
  if (section === "epochs") return <EpochPage key={number} place={place} number={number} />;
  if (section === "settlements") return <SettlementPage key={number} epoch={number} />;
  return undefined;
}

/** ms between two looks at how far the index is */
const STATUS_MS = 5_000;

function useStatus(): Status["_meta"] | undefined {
  const [tick, setTick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setTick((known) => known + 1), STATUS_MS);
    return () => clearInterval(timer);
  }, []);
  return useQuery(statusQuery, {}, tick).data?._meta;
}

type StatusProps = { status: Status["_meta"] | undefined };

/** What the indexer itself says against what it shows. */
function Readiness({ status }: StatusProps): JSX.Element | null {
  if (!status || status.ready) return null;
  return (
    <div class="notice warn banner" role="status">
      <strong>Not all of it is in.</strong>
      <ul>
        {status.lag || status.l2Lag ? (
          <li>
            Behind: {behind(status.lag)} blocks, {behind(status.l2Lag)} final blocks of the L2
          </li>
        ) : null}
        {status.reasons.map((reason) => (
          <li key={reason}>{reason}</li>
        ))}
      </ul>
    </div>
  );
}

function behind(lag: number | null): string {
  return lag === null ? "unknown" : wholeNumber(lag);
}

function Footer({ status }: StatusProps): JSX.Element {
  const connected = useConnected();
  // keeps the connection where the page itself waits for nothing
  useSubscription(epochChanges, {}, () => undefined);
  return (
    <footer class="bottom">
      <span class={connected ? "pulse on" : "pulse"} role="status">
        {connected ? "Live" : "Not live: connecting"}
      </span>
      {status ? (
        <span>
          block {wholeNumber(status.height)} · L2 block {wholeNumber(status.l2Block)} of{" "}
          {wholeNumber(status.l2Finalized)}
        </span>
      ) : null}
      <span class="links">
        <a href="/graphql" data-outside>
          GraphQL
        </a>
        <a href="/schema.graphql" data-outside>
          Schema
        </a>
      </span>
    </footer>
  );
}
