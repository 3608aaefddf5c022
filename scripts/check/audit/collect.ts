import {
  createPublicClient,
  type Hex,
  http,
  type PublicClient,
  parseAbi,
  parseAbiItem,
  zeroAddress,
} from "viem";
import { collectAcks } from "./collect-acks.ts";
import { collectRules } from "./collect-rules.ts";
import { rpc } from "./rpc.ts";
import type {
  GraphqlFacts,
  L2Facts,
  NodeFacts,
  ReportFacts,
  SettlementFacts,
  Snapshot,
  WorkFacts,
} from "./snapshot.ts";

/** Where to look. Amounts come back as strings; nothing here is believed, only written down. */
export interface AuditInput {
  rpcUrl: string;
  contracts: Record<
    "settlement" | "staking" | "vault" | "flk" | "stable" | "parameters" | "services" | "auction",
    Hex
  >;
  nodeRpcUrls: string[];
  graphqlUrl: string;
  epochs: number;
  accounts: { address: Hex }[];
}

const SETTLED = parseAbi([
  "struct Settlement { uint64 epoch; bytes32 previous; uint64 closeTime; uint64 l2Number; bytes32 l2Hash; bytes32 stateRoot; bytes32 payoutRoot; bytes32 balanceRoot; bytes32 reportHash; uint256 totalBalances; uint256 totalPayoutStable; uint256 totalPayoutFlk; bytes32 slashListHash; bytes32 nextCommitteeHash; }",
  "event Settled(uint64 indexed epoch, bytes32 indexed digest, Settlement settlement, uint64 activatesAt)",
])[0];
const ACTIVATED = parseAbiItem(
  "event Activated(uint64 indexed epoch, bytes32 indexed digest, uint256 flkMinted)",
);
const CLAIMED = parseAbiItem(
  "event Claimed(address indexed account, address indexed payee, uint256 stablePaid, uint256 flkPaid, uint256 cumulativeStable, uint256 cumulativeFlk)",
);
const DEPOSITED = parseAbiItem(
  "event Deposited(address indexed account, address indexed from, uint256 amount, uint256 total)",
);
const TRANSFER = parseAbiItem("event Transfer(address indexed from, address indexed to, uint256 value)");
const VIEWS = parseAbi([
  "function balanceOf(address) view returns (uint256)",
  "function claimed(address) view returns (uint64 stable, uint128 flk, bool redirected)",
  "function nodeCount() view returns (uint32)",
  "struct NodeInfo { address owner; uint32 keyVersion; bool optedIn; address operator; address payee; uint64 lockedUntil; bytes32 networkKey; uint128 staked; uint128 thawing; uint128 slashed; }",
  "function node(uint32) view returns (NodeInfo)",
]);

/** The network goes on: a collection during which the L2 moved money is of no one moment. */
const ATTEMPTS = 10;

/** @throws when the L2 never stands still for a collection */
export async function collect(input: AuditInput): Promise<Snapshot> {
  let l2 = await collectL2(input);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const nodes: NodeFacts[] = [];
    for (const url of input.nodeRpcUrls) nodes.push(await collectNode(url, input, l2.settlements));
    const { acks, money } = await collectAcks(input.nodeRpcUrls[0] ?? "");
    const graphql = await collectGraphql(input, l2.settlements.length);
    const after = await collectL2(input);
    if (JSON.stringify(after) === JSON.stringify(l2))
      return { epochs: input.epochs, l2, nodes, acks, money, graphql };
    l2 = after;
  }
  throw new Error(`the L2 moved money during each of ${ATTEMPTS} collections`);
}

async function collectL2(input: AuditInput): Promise<L2Facts> {
  const client = createPublicClient({ transport: http(input.rpcUrl) });
  const { settlement, staking, vault, flk, stable } = input.contracts;
  const all = { fromBlock: 0n, toBlock: "latest" } as const;
  const deposits = await client.getLogs({ address: vault, event: DEPOSITED, strict: true, ...all });
  const settled = await client.getLogs({ address: settlement, event: SETTLED, strict: true, ...all });
  const activated = await client.getLogs({ address: settlement, event: ACTIVATED, strict: true, ...all });
  const claims = await client.getLogs({ address: settlement, event: CLAIMED, strict: true, ...all });
  const mintArgs = { from: zeroAddress, to: settlement };
  const mints = await client.getLogs({ address: flk, event: TRANSFER, args: mintArgs, strict: true, ...all });
  const balance = async (token: Hex, of: Hex): Promise<string> =>
    (
      await client.readContract({ address: token, abi: VIEWS, functionName: "balanceOf", args: [of] })
    ).toString();
  return {
    deposits: deposits.map((log) => ({
      account: log.args.account.toLowerCase(),
      amount: log.args.amount.toString(),
      block: Number(log.blockNumber),
    })),
    settlements: settled.map((log) => settlementFacts(log.args.settlement, log.blockNumber)),
    activations: activated.map((log) => ({
      epoch: Number(log.args.epoch),
      block: Number(log.blockNumber),
      flkMinted: log.args.flkMinted.toString(),
    })),
    claims: claims.map((log) => ({
      account: log.args.account.toLowerCase(),
      stable: log.args.stablePaid.toString(),
      flk: log.args.flkPaid.toString(),
      block: Number(log.blockNumber),
    })),
    rewardMints: mints.map((log) => ({ amount: log.args.value.toString(), block: Number(log.blockNumber) })),
    claimed: await claimedBooks(client, settlement, input.accounts),
    vaultStable: await balance(stable, vault),
    settlementStable: await balance(stable, settlement),
    settlementFlk: await balance(flk, settlement),
    stakes: await stakes(client, staking),
    stakingFlk: await balance(flk, staking),
    ...(await collectRules(client, input.contracts)),
  };
}

interface SettledStruct {
  epoch: bigint;
  l2Number: bigint;
  stateRoot: Hex;
  payoutRoot: Hex;
  balanceRoot: Hex;
  reportHash: Hex;
  totalBalances: bigint;
  totalPayoutStable: bigint;
  totalPayoutFlk: bigint;
}

function settlementFacts(s: SettledStruct, block: bigint): SettlementFacts {
  return {
    epoch: Number(s.epoch),
    block: Number(block),
    l2Number: Number(s.l2Number),
    stateRoot: s.stateRoot,
    payoutRoot: s.payoutRoot,
    balanceRoot: s.balanceRoot,
    reportHash: s.reportHash,
    totalBalances: s.totalBalances.toString(),
    totalPayoutStable: s.totalPayoutStable.toString(),
    totalPayoutFlk: s.totalPayoutFlk.toString(),
  };
}

async function claimedBooks(
  client: PublicClient,
  settlement: Hex,
  accounts: { address: Hex }[],
): Promise<L2Facts["claimed"]> {
  const books: L2Facts["claimed"] = [];
  for (const { address } of accounts) {
    const [stable, flk] = await client.readContract({
      address: settlement,
      abi: VIEWS,
      functionName: "claimed",
      args: [address],
    });
    books.push({ account: address.toLowerCase(), stable: stable.toString(), flk: flk.toString() });
  }
  return books;
}

async function stakes(client: PublicClient, staking: Hex): Promise<L2Facts["stakes"]> {
  const contract = { address: staking, abi: VIEWS } as const;
  const count = await client.readContract({ ...contract, functionName: "nodeCount" });
  const list: L2Facts["stakes"] = [];
  for (let nodeId = 1; nodeId <= count; nodeId++) {
    const node = await client.readContract({ ...contract, functionName: "node", args: [nodeId] });
    list.push({ nodeId, staked: node.staked.toString(), thawing: node.thawing.toString() });
  }
  return list;
}

interface BlockAnswer {
  height: number;
  block_root: string;
  state_root: string;
  l2_view: { number: number };
}

async function collectNode(
  url: string,
  input: AuditInput,
  settlements: SettlementFacts[],
): Promise<NodeFacts> {
  const reports: ReportFacts[] = [];
  const closing: NodeFacts["closing"] = [];
  let height = -1;
  for (const { epoch } of settlements) {
    const report = await nodeReport(url, epoch);
    height += report.blocks;
    const block = await rpc<BlockAnswer>(url, "flk_get_block", [height]);
    closing.push({
      height: block.height,
      blockRoot: block.block_root,
      stateRoot: block.state_root,
      l2Number: block.l2_view.number,
    });
    reports.push(report);
  }
  const balances: NodeFacts["balances"] = [];
  for (const { address } of input.accounts) {
    const balance = await rpc<string>(url, "flk_get_stables_balance", [address]);
    balances.push({ account: address.toLowerCase(), balance });
  }
  return { closing, balances, reports };
}

interface ReportAnswer {
  ssz: string;
  epoch: number;
  blocks: number;
  deliveries: number;
  lanes: number;
  units: string;
  revenue: string;
  treasury: string;
  buyback: string;
  flk_scheduled: string;
  flk_minted: string;
  open_time: number;
  close_time: number;
  committee: number[];
  nodes: {
    node: number;
    revenue: string;
    reward_stable: string;
    buyback: string;
    scheduled_flk: string;
    reward_flk: string;
    work: WorkFacts[];
  }[];
  services: { service: number; owner: string; revenue: string; reward_stable: string }[];
  grants: { epoch: number; lot_buyback: string; lot_burn: string; flk: string }[];
  payouts: { account: string; stable: string; flk: string }[];
  balances: { account: string; balance: string; deposits_seen: string }[];
}

async function nodeReport(url: string, epoch: number): Promise<ReportFacts> {
  const report = await rpc<ReportAnswer>(url, "flk_get_epoch_report", [epoch]);
  return {
    epoch: report.epoch,
    bytes: report.ssz,
    blocks: report.blocks,
    deliveries: report.deliveries,
    lanes: report.lanes,
    units: report.units,
    revenue: report.revenue,
    treasury: report.treasury,
    buyback: report.buyback,
    flkScheduled: report.flk_scheduled,
    flkMinted: report.flk_minted,
    openTime: report.open_time,
    closeTime: report.close_time,
    committee: report.committee,
    ...earnings(report),
    payouts: report.payouts,
    balances: report.balances.map(({ account, balance, deposits_seen }) => ({
      account,
      balance,
      depositsSeen: deposits_seen,
    })),
  };
}

function earnings(report: ReportAnswer): Pick<ReportFacts, "nodes" | "services" | "grants"> {
  return {
    nodes: report.nodes.map((entry) => ({
      node: entry.node,
      revenue: entry.revenue,
      reward: entry.reward_stable,
      buyback: entry.buyback,
      scheduledFlk: entry.scheduled_flk,
      rewardFlk: entry.reward_flk,
      work: entry.work.map(workFacts),
    })),
    services: report.services.map(({ service, owner, revenue, reward_stable: reward }) => ({
      service,
      owner,
      revenue,
      reward,
    })),
    grants: report.grants.map(({ epoch, lot_buyback: lotBuyback, lot_burn: lotBurn, flk }) => ({
      epoch,
      lotBuyback,
      lotBurn,
      flk,
    })),
  };
}

function workFacts({ service, commodity, units, deliveries, lanes, revenue }: WorkFacts): WorkFacts {
  return { service, commodity, units, deliveries, lanes, revenue };
}

async function graphql<T>(url: string, query: string): Promise<T> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query }),
    signal: AbortSignal.timeout(10_000),
  });
  const answer = (await response.json()) as { data?: T; errors?: { message: string }[] };
  if (!answer.data || answer.errors) throw new Error(`GraphQL: ${answer.errors?.[0]?.message ?? "no data"}`);
  return answer.data;
}

interface GraphqlAnswer {
  accounts: {
    nodes: {
      address: string;
      deposits: string;
      balance: string;
      payoutStable: string;
      payoutFlk: string;
      claimedStable: string;
      claimedFlk: string;
    }[];
  };
  nodes: { nodes: { id: number; stake: string; thawing: string }[] };
  epochs: {
    nodes: {
      number: number;
      revenue: string;
      flkScheduled: string;
      flkMinted: string;
      deliveries: number;
      nodes: { nodes: { nodeId: number; scheduledFlk: string; rewardFlk: string; work: WorkFacts[] }[] };
    }[];
  };
}

async function collectGraphql(input: AuditInput, epochs: number): Promise<GraphqlFacts> {
  const data = await graphql<GraphqlAnswer>(
    input.graphqlUrl,
    `{
      accounts(first: 1000) { nodes { address deposits balance payoutStable payoutFlk claimedStable claimedFlk } }
      nodes(first: 1000) { nodes { id stake thawing } }
      epochs(first: 1000) { nodes { number revenue flkScheduled flkMinted deliveries nodes(first: 100) { nodes { nodeId scheduledFlk rewardFlk work { service commodity units deliveries lanes revenue } } } } }
    }`,
  );
  const known = new Set(input.accounts.map(({ address }) => address.toLowerCase()));
  const settled = data.epochs.nodes.filter((epoch) => epoch.number < epochs);
  return {
    accounts: data.accounts.nodes
      .map(({ address, ...amounts }) => ({ account: address.toLowerCase(), ...amounts }))
      .filter(({ account }) => known.has(account)),
    nodes: data.nodes.nodes.map(({ id, ...amounts }) => ({ nodeId: Number(id), ...amounts })),
    rewards: settled.flatMap(({ number: epoch, nodes }) =>
      nodes.nodes.map(({ work: _, ...node }) => ({ epoch, ...node })),
    ),
    work: settled.flatMap(({ number: epoch, nodes }) =>
      nodes.nodes.flatMap(({ nodeId, work }) => work.map((item) => ({ epoch, nodeId, ...workFacts(item) }))),
    ),
    epochs: settled.map(({ number, revenue, flkScheduled, flkMinted, deliveries }) => ({
      epoch: number,
      revenue,
      flkScheduled,
      flkMinted,
      deliveries,
    })),
  };
}
