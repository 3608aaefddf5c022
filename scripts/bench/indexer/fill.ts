import { networkText } from "#indexer/indexer.ts";
import { openPostgres } from "#indexer/store/postgres.ts";
import { ROLE, Rows } from "#indexer/store/rows.ts";
import {
  accountEpochs,
  accounts,
  blocks,
  claims,
  deposits,
  epochs,
  nodeEpochs,
  nodes,
  settlements,
} from "#indexer/store/schema.ts";
import { Committee } from "#protocol/types/committee.ts";
import { toHex } from "#protocol/types/hex.ts";
import { benchCommittee } from "../support/committee.ts";
import { Rng } from "../support/rng.ts";
import { CHAIN_ID, CONTRACTS } from "./events.ts";

export const NETWORK = { chainId: CHAIN_ID, contracts: CONTRACTS, deployBlock: 0 };
export const EPOCHS = 200;
export const NODES = 100;
const WORD = `0x${"5a".repeat(32)}`;

/** Of `index`: the same in every table. */
export function accountAt(index: number): string {
  return `0x${(index + 1).toString(16).padStart(40, "0")}`;
}

/** How many accounts a database of `rows` rows has. */
export function accountsOf(rows: number): number {
  return Math.max(10, Math.floor(rows / 10));
}

/** Fills an empty PostgreSQL with `rows` rows, as a network of long standing has them: nine tenths of the L2, of blocks and of accounts, all indexed. */
export async function fillDatabase(url: string, rows: number): Promise<void> {
  const store = await openPostgres(url, networkText(NETWORK));
  const never = new AbortController().signal;
  const writer = await store.claim(never, () => undefined);
  try {
    await writer.write(async (tx) => {
      const out = new Rows(tx);
      for (const part of [writeChain, writeParties, writeMoney]) {
        for (const _ of part(out, rows)) if (out.isMuch) await out.flush();
        await out.flush();
      }
    });
    await store.complete(never);
  } finally {
    await writer.release();
    await store.close();
  }
}

type Part = Generator<void>;

function* writeChain(rows: Rows, count: number): Part {
  const committee = toHex(Committee.serialize(benchCommittee(4)));
  for (let number = 0; number < EPOCHS; number++) {
    const openTime = 1_700_000_000_000 + number * 86_400_000;
    const closeTime = openTime + 86_400_000;
    const certified = { digest: WORD, verified: true, final: true };
    const report = { lanes: 10, deliveries: 1_000, units: 10n ** 12n, revenue: 10n ** 9n };
    rows.insert(epochs, { number, opening: WORD, committee, openTime, closeTime, ...certified, ...report });
    const roots = { stateRoot: WORD, payoutRoot: WORD, balanceRoot: WORD, reportHash: WORD };
    const hashes = { digest: WORD, txHash: WORD, previous: WORD, l2Hash: WORD, ...roots };
    const place = { epoch: number, block: number * 100, time: closeTime, activatesAt: 1, l2Number: number };
    const rest = { activatedBlock: number * 100 + 1, slashListHash: WORD, nextCommitteeHash: WORD };
    rows.insert(settlements, { ...hashes, ...place, closeTime, ...rest });
    yield;
  }
  const height = Math.floor(count / 5);
  for (let at = 0; at < height; at++) {
    const epoch = Math.floor((at * EPOCHS) / height);
    const rest = { blockRoot: WORD, stateRoot: WORD, anchor: WORD, anchorAuthor: 1, l2Block: at };
    rows.insert(blocks, { height: at, epoch, index: at, time: at * 1000, transactions: 7, ...rest });
    yield;
  }
}

function* writeParties(rows: Rows, count: number): Part {
  for (let address = 0; address < accountsOf(count); address++) {
    const money = { deposits: BigInt(address) * 10n ** 6n, balance: BigInt(address), payoutStable: 7n };
    rows.insert(accounts, { address: accountAt(address), roles: ROLE.client, ...money });
    yield;
  }
  for (let id = 1; id <= NODES; id++) {
    const keys = { keyVersion: 0, consensusKey: WORD, networkKey: WORD, endpoints: "/ip4/10.0.0.1/tcp/4200" };
    const owner = accountAt(id);
    rows.insert(nodes, { id, owner, payee: owner, optedIn: true, stake: 10n ** 21n, ...keys });
    for (let epoch = 0; epoch < EPOCHS; epoch++) {
      const standing = { latency: 1, uptime: 1, throughput: 1, success: 1, trust: 1, credibility: 1 };
      const rest = { reporters: 4, outByFloor: false, inCommittee: id < 5, reputation: 50, optedIn: true };
      rows.insert(nodeEpochs, { epoch, node: id, owner, revenue: 5n, ...standing, ...rest });
    }
    yield;
  }
}

function* writeMoney(rows: Rows, count: number): Part {
  const rng = new Rng(9);
  const known = accountsOf(count);
  const perEpoch = Math.ceil(count / 5 / EPOCHS);
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    for (let at = 0; at < perEpoch; at++) {
      rows.insert(accountEpochs, { epoch, account: accountAt(at), balance: 1n, payoutStable: BigInt(epoch) });
      yield;
    }
  }
  for (let at = 0; at < Math.floor(count / 2); at++) {
    const place = { block: Math.floor(at / 20), logIndex: at % 20, txHash: WORD, time: at };
    const account = accountAt(rng.below(known));
    if (at % 10 < 7) rows.insert(deposits, { ...place, account, from: account, amount: 5n, total: 9n });
    else rows.insert(claims, { ...place, account, payee: account, stable: 5n, cumulativeStable: 9n });
    yield;
  }
}
