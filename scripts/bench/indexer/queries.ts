import {
  Account,
  Accounts,
  Claims,
  Deposits,
  Earnings,
  EpochAccounts,
  Epochs,
  NodeHistory,
  Nodes,
  Settlements,
} from "#client/queries/generated.ts";
import { FlkError } from "#protocol/errors/error.ts";
import { Rng } from "../support/rng.ts";
import { accountAt, accountsOf, EPOCHS, NODES } from "./fill.ts";

const CONNECTIONS = 16;
/** of each query, before it is timed */
const WARM_UP = 20;

export interface QueryFigures {
  requestsPerS: number;
  p50Ms: number;
  p99Ms: number;
}

/** The ten common questions, each about another account, node or epoch every time. */
function questions(rows: number) {
  const rng = new Rng(11);
  const address = () => accountAt(rng.below(accountsOf(rows)));
  return {
    account: { query: Account, variables: () => ({ address: address() }) },
    accounts: { query: Accounts, variables: () => ({ first: 100 }) },
    earnings: { query: Earnings, variables: () => ({ address: accountAt(rng.below(1000)), first: 30 }) },
    nodes: { query: Nodes, variables: () => ({ first: 100 }) },
    nodeHistory: { query: NodeHistory, variables: () => ({ id: rng.int(1, NODES), first: 30 }) },
    epochs: { query: Epochs, variables: () => ({ first: 30 }) },
    epochAccounts: {
      query: EpochAccounts,
      variables: () => ({ epoch: rng.below(EPOCHS), first: 100 }),
    },
    settlements: { query: Settlements, variables: () => ({ first: 30 }) },
    deposits: { query: Deposits, variables: () => ({ first: 100 }) },
    claims: { query: Claims, variables: () => ({ first: 100 }) },
  };
}

/** Asks each of the questions `requests` times over 16 connections. @throws ERR_BENCH_MEMBER for an answer with errors */
export async function measureQueries(
  url: string,
  rows: number,
  requests: number,
): Promise<Record<string, QueryFigures>> {
  const figures: Record<string, QueryFigures> = {};
  for (const [name, { query, variables }] of Object.entries(questions(rows))) {
    const ask = () => post(url, JSON.stringify({ query: query.text, variables: variables() }));
    await repeat(ask, WARM_UP);
    figures[name] = await repeat(ask, requests);
  }
  return figures;
}

async function repeat(ask: () => Promise<void>, requests: number): Promise<QueryFigures> {
  const times: number[] = [];
  let left = requests;
  const start = performance.now();
  const worker = async () => {
    while (left-- > 0) {
      const begun = performance.now();
      await ask();
      times.push(performance.now() - begun);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, worker));
  const seconds = (performance.now() - start) / 1000;
  times.sort((a, b) => a - b);
  const at = (share: number) => Number((times[Math.floor(share * (times.length - 1))] as number).toFixed(1));
  return { requestsPerS: Math.round(requests / seconds), p50Ms: at(0.5), p99Ms: at(0.99) };
}

async function post(url: string, body: string): Promise<void> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
  });
  const { errors } = (await response.json()) as { errors?: unknown };
  if (errors) throw new FlkError("ERR_BENCH_MEMBER", `the indexer says: ${JSON.stringify(errors)}`);
}
