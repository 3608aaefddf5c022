import { keccak256 } from "viem";
import { merkleRoot } from "#scripts/check/audit/merkle.ts";
import type { AckFacts, NodeFacts, ReportFacts, Snapshot, WorkFacts } from "#scripts/check/audit/snapshot.ts";

export const address = (n: number): string => `0x${n.toString(16).padStart(40, "0")}`;
const root = (n: number): string => `0x${n.toString(16).padStart(64, "0")}`;
export const CLIENT = address(0xc1);
export const KEY = "5e";
const OPERATORS = [address(0x0e), address(0x0f)];
const [SERVICE, TREASURY, AUCTION] = [address(0x51), address(0x7e), address(0xbb)];
const START = 1_800_000_000_000;
const LOCKED_UNTIL = (START + 30_000) / 1000 + 500;
/** one wei more supply would be one wei more */
const EMISSION = 2_999_999n;
/** micro-USD of node 1 and 2, in each epoch; half is theirs, a fifth each the service's and the treasury's */
const REVENUES = [60_000n, 40_000n];
/** Node 1 earned a part of its own by compute. Bytes cost one micro-USD per 10⁹ in epoch 0 and two in epoch 1, ms four and five. */
const LANES = [
  { node: 1, commodity: 1, revenue: 15_000n, prices: [4n, 5n] },
  { node: 1, commodity: 0, revenue: 45_000n, prices: [1n, 2n] },
  { node: 2, commodity: 0, revenue: 40_000n, prices: [1n, 2n] },
];
/** wei of node 1 and 2 for epoch 0: κ of what their parts of the lot burned */
const GRANTED = [600_000n, 400_000n];

function scheduled(epoch: number): bigint[] {
  const weights = [60n * 10_000n, 40n * (10_000n + (30n * (500_000n - 30_000n * BigInt(epoch))) / 1000n)];
  const total = (weights[0] ?? 0n) + (weights[1] ?? 0n);
  return weights.map((weight) => (EMISSION * weight) / total);
}

/** One more would cost one more. */
function unitsFor(micros: bigint, price = 1n): bigint {
  return ((micros + 1n) * 10n ** 9n) / price - 1n;
}

/** Two deliveries in each lane, ascending by commodity. */
function workOf(node: number, epoch: number): WorkFacts[] {
  const lanes = LANES.filter((lane) => lane.node === node).sort((a, b) => a.commodity - b.commodity);
  return lanes.map(({ commodity, revenue, prices }) => ({
    ...{ service: 0, commodity, deliveries: 2, lanes: 1 },
    units: String(unitsFor(revenue, prices[epoch])),
    revenue: String(revenue),
  }));
}

function payouts(epoch: number): ReportFacts["payouts"] {
  const epochs = BigInt(epoch + 1);
  const operators = OPERATORS.map((account, i) => ({
    account,
    stable: (((REVENUES[i] ?? 0n) / 2n) * epochs).toString(),
    flk: epoch === 0 ? "0" : String(GRANTED[i]),
  }));
  const others = [
    { account: SERVICE, stable: 20_000n * epochs },
    { account: TREASURY, stable: 20_000n * epochs },
    { account: AUCTION, stable: 10_000n * epochs },
  ];
  return [
    ...operators,
    ...others.map(({ account, stable }) => ({ account, stable: String(stable), flk: "0" })),
  ];
}

function report(epoch: number): ReportFacts {
  const units = [1, 2].flatMap((node) => workOf(node, epoch)).map((work) => BigInt(work.units));
  return {
    epoch,
    bytes: `0x0${epoch}`,
    blocks: 5,
    deliveries: 6,
    lanes: 3,
    units: String(units.reduce((sum, value) => sum + value, 0n)),
    revenue: "100000",
    treasury: "20000",
    buyback: "10000",
    flkScheduled: String(EMISSION),
    flkMinted: epoch === 0 ? "0" : "1000000",
    openTime: START + 30_000 * epoch,
    closeTime: START + 30_000 * (epoch + 1),
    committee: epoch % 2 === 0 ? [1, 2, 3, 4] : [2, 3, 4, 5],
    nodes: REVENUES.map((revenue, i) => ({
      node: i + 1,
      revenue: String(revenue),
      reward: String(revenue / 2n),
      buyback: String(revenue / 10n),
      scheduledFlk: String(scheduled(epoch)[i]),
      rewardFlk: epoch === 0 ? "0" : String(GRANTED[i]),
      work: workOf(i + 1, epoch),
    })),
    services: [{ service: 0, owner: SERVICE, revenue: "100000", reward: "20000" }],
    grants: epoch === 0 ? [] : [{ epoch: 0, lotBuyback: "10000", lotBurn: "2000000", flk: "1000000" }],
    payouts: payouts(epoch),
    balances: [
      { account: CLIENT, balance: String(1_000_000 - 100_000 * (epoch + 1)), depositsSeen: "1000000" },
    ],
  };
}

function nodeFacts(): NodeFacts {
  const closing = [0, 1].map((epoch) => ({
    height: 5 * (epoch + 1) - 1,
    blockRoot: root(50 + epoch),
    stateRoot: root(40 + epoch),
    l2Number: 20 + epoch,
  }));
  const balances = [
    { account: CLIENT, balance: "800000" },
    ...payouts(1).map(({ account }) => ({ account, balance: "0" })),
  ];
  return { closing, balances, reports: [report(0), report(1)] };
}

function settlement(epoch: number): Snapshot["l2"]["settlements"][number] {
  const { payouts: owed, balances, bytes } = report(epoch);
  return {
    epoch,
    block: 30 + 10 * epoch,
    l2Number: 20 + epoch,
    stateRoot: root(40 + epoch),
    payoutRoot: merkleRoot(owed.map((p) => ({ account: p.account, first: p.stable, second: p.flk }))),
    balanceRoot: merkleRoot(
      balances.map((b) => ({ account: b.account, first: b.balance, second: b.depositsSeen })),
    ),
    reportHash: keccak256(bytes as `0x${string}`),
    totalBalances: String(1_000_000 - 100_000 * (epoch + 1)),
    totalPayoutStable: String(100_000 * (epoch + 1)),
    totalPayoutFlk: epoch === 0 ? "0" : "1000000",
  };
}

const PARAMETERS: Record<string, bigint> = {
  nodeShareBps: 5_000n,
  serviceShareBps: 2_000n,
  treasuryShareBps: 2_000n,
  buybackShareBps: 1_000n,
  maxInflationBps: 1_000n,
  kappaBps: 5_000n,
  maxLock: 1_000n,
  maxBoostBps: 40_000n,
  buyback: BigInt(AUCTION),
  treasury: BigInt(TREASURY),
};

function l2Facts(): Snapshot["l2"] {
  const claims = [0, 1].flatMap((epoch) =>
    payouts(epoch).map(({ account, stable, flk }) => ({
      account,
      stable: String(BigInt(stable) / BigInt(epoch + 1)),
      flk,
      block: 32 + 10 * epoch,
    })),
  );
  return {
    deposits: [{ account: CLIENT, amount: "1000000", block: 10 }],
    settlements: [settlement(0), settlement(1)],
    activations: [
      { epoch: 0, block: 31, flkMinted: "0" },
      { epoch: 1, block: 41, flkMinted: "1000000" },
    ],
    claims,
    rewardMints: [{ amount: "1000000", block: 41 }],
    claimed: [
      { account: CLIENT, stable: "0", flk: "0" },
      ...payouts(1).map(({ account, stable, flk }) => ({ account, stable, flk })),
    ],
    vaultStable: "800000",
    settlementStable: "0",
    settlementFlk: "0",
    stakes: [{ nodeId: 1, staked: "5000", thawing: "10" }],
    stakingFlk: "5010",
    start: { time: START, block: 9, flkSupply: "31535999999999" },
    parameters: Object.entries(PARAMETERS).map(([key, value]) => ({ key, value: String(value), block: 5 })),
    payees: OPERATORS.map((payee, i) => ({ nodeId: i + 1, payee, block: 6 })),
    locks: [{ nodeId: 2, until: String(LOCKED_UNTIL), block: 7 }],
    lots: [
      {
        auction: AUCTION,
        fromEpoch: 0,
        toEpoch: 0,
        sold: "8000",
        rolled: "2000",
        burned: "2000000",
        counted: "2000000",
        block: 21,
      },
    ],
    flkBurned: "2000000",
    prices: [
      { service: 0, commodity: 0, price: "1", block: 5 },
      { service: 0, commodity: 1, price: "4", block: 5 },
      { service: 0, commodity: 0, price: "2", block: 15 },
      { service: 0, commodity: 1, price: "5", block: 15 },
    ],
  };
}

/** Two acknowledgements of each lane. */
function acks(): AckFacts[] {
  return [0, 1].flatMap((epoch) =>
    LANES.flatMap(({ node, commodity, revenue, prices }) =>
      [revenue / 2n, revenue].map((upTo, i) => ({
        inEpoch: epoch,
        epoch,
        account: CLIENT,
        session: KEY,
        lane: `a${epoch}${node}${commodity}`,
        node,
        service: 0,
        commodity,
        count: i + 1,
        units: String(unitsFor(upTo, prices[epoch])),
        status: "OK",
        paid: String(revenue / 2n),
      })),
    ),
  );
}

export function goodSnapshot(): Snapshot {
  const epochs = [report(0), report(1)];
  const account = { deposits: "0", balance: "0" };
  return {
    epochs: 2,
    l2: l2Facts(),
    nodes: [nodeFacts(), nodeFacts()],
    acks: acks(),
    money: [
      { before: 0, account: CLIENT, what: "deposit", amount: "1000000" },
      { before: 0, account: CLIENT, what: { session: KEY }, amount: "1000000" },
    ],
    graphql: {
      accounts: [
        {
          account: CLIENT,
          deposits: "1000000",
          balance: "800000",
          payoutStable: "0",
          payoutFlk: "0",
          claimedStable: "0",
          claimedFlk: "0",
        },
        ...payouts(1).map(({ account: address, stable, flk }) => ({
          ...account,
          account: address,
          payoutStable: stable,
          payoutFlk: flk,
          claimedStable: stable,
          claimedFlk: flk,
        })),
      ],
      nodes: [{ nodeId: 1, stake: "5000", thawing: "10" }],
      epochs: epochs.map(({ epoch, revenue, flkScheduled, flkMinted, deliveries }) => ({
        epoch,
        revenue,
        flkScheduled,
        flkMinted,
        deliveries,
      })),
      rewards: epochs.flatMap(({ epoch, nodes }) =>
        nodes.map(({ node, scheduledFlk, rewardFlk }) => ({ epoch, nodeId: node, scheduledFlk, rewardFlk })),
      ),
      work: epochs.flatMap(({ epoch, nodes }) =>
        nodes.flatMap(({ node, work }) => work.map((item) => ({ epoch, nodeId: node, ...item }))),
      ),
    },
  };
}

/** Moves by one unit: a number, a decimal string, or the last digit of a hex string. */
function corrupt(value: number | string): number | string {
  if (typeof value === "number") return value + 1;
  if (/^\d+$/.test(value)) return (BigInt(value) + 1n).toString();
  if (!value.startsWith("0x")) return `${value}?`;
  return value.slice(0, -1) + (value.endsWith("0") ? "1" : "0");
}

export type Path = (string | number)[];

export function leaves(value: unknown, path: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [path];
  return Object.entries(value).flatMap(([key, child]) => leaves(child, [...path, key]));
}

export function corruptAt(snapshot: Snapshot, path: Path): void {
  let holder: Record<string, unknown> = snapshot as unknown as Record<string, unknown>;
  for (const key of path.slice(0, -1)) holder = holder[key] as Record<string, unknown>;
  const key = path[path.length - 1] as string;
  holder[key] = corrupt(holder[key] as number | string);
}
