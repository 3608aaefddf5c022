import { getClaimed } from "#client/actions/claim.ts";
import { getEpochReport } from "#client/actions/get-settlement.ts";
import { contractAddress } from "#client/actions/l2-client.ts";
import { buybackAuctionAbi } from "#protocol/abi/BuybackAuction.ts";
import { clientVaultAbi } from "#protocol/abi/ClientVault.ts";
import { COMMODITY } from "#protocol/types/ack.ts";
import { type Hex, toHex } from "#protocol/types/hex.ts";
import type { EpochReport } from "#protocol/types/settlement.ts";
import { cliError } from "../errors.ts";
import { formatFlk, formatStable } from "../io/amounts.ts";
import type { AuditResult } from "./audit.ts";
import { formatBytes } from "./display.ts";
import { roleAddress } from "./l2.ts";
import type { SettlementStatus } from "./status.ts";
import type { Cast } from "./world.ts";

/** Amounts are decimal strings in base units: micro-USD, wei. */
export interface SummaryEpoch {
  epoch: number;
  settlementTx: string;
  gas: string;
  blocks: number;
  lanes: number;
  deliveries: number;
  /** of all commodities together, as the report has it */
  units: string;
  bytes: string;
  ms: string;
  revenue: string;
  /** the most that will be granted for it, and what its close granted for earlier epochs */
  flkScheduled: string;
  flkMinted: string;
  nodes: { node: number; reputation: number; deliveries: number }[];
}

export interface SummaryAccount {
  address: Hex;
  role: string;
  topUp: string;
  balance: string;
  payoutStable: string;
  payoutFlk: string;
  claimedStable: string;
  claimedFlk: string;
}

/** Of a closed lot of the buyback: what it sold, and burned in all and for its own epochs. */
export interface SummaryLot {
  fromEpoch: number;
  toEpoch: number;
  sold: string;
  burned: string;
  counted: string;
}

export interface Summary {
  epochs: SummaryEpoch[];
  lots: SummaryLot[];
  accounts: SummaryAccount[];
  /** nodeId of the one that spoils a part of what it serves; null when none does */
  badNode: number | null;
  audit: AuditResult;
}

/** @throws ERR_NODE_RPC, ERR_REPORT_HASH */
async function epochReport(cast: Cast, epoch: number): Promise<EpochReport> {
  const report = await getEpochReport(cast.keeper.persona.node, { epoch });
  if (!report) throw cliError("ERR_NODE_RPC", `the node has no report of epoch ${epoch}`, { epoch });
  return report;
}

export async function summarizeEpochs(cast: Cast, posted: SettlementStatus[]): Promise<SummaryEpoch[]> {
  return Promise.all(
    posted.map(async ({ epoch, txHash, gas }) => {
      const report = await epochReport(cast, epoch);
      return {
        epoch,
        settlementTx: txHash,
        gas: gas.toString(),
        blocks: report.blocks,
        lanes: report.lanes,
        deliveries: report.deliveries,
        units: report.units.toString(),
        bytes: unitsOf(report, COMMODITY.bandwidth).toString(),
        ms: unitsOf(report, COMMODITY.compute).toString(),
        revenue: report.revenue.toString(),
        flkScheduled: report.flkScheduled.toString(),
        flkMinted: report.flkMinted.toString(),
        nodes: report.nodes.map(({ node, reputation, work }) => ({
          node,
          reputation,
          deliveries: work.reduce((sum, { deliveries }) => sum + deliveries, 0),
        })),
      };
    }),
  );
}

function unitsOf({ nodes }: EpochReport, commodity: number): bigint {
  const work = nodes.flatMap((node) => node.work).filter((entry) => entry.commodity === commodity);
  return work.reduce((sum, { units }) => sum + units, 0n);
}

export async function summarizeLots({ keeper }: Cast): Promise<SummaryLot[]> {
  const { l2 } = keeper.persona;
  const logs = await l2.public.getContractEvents({
    address: contractAddress(l2, "auction"),
    abi: buybackAuctionAbi,
    eventName: "LotClosed",
    fromBlock: 0n,
    strict: true,
  });
  return logs.map(({ args }) => ({
    fromEpoch: Number(args.fromEpoch),
    toEpoch: Number(args.toEpoch),
    sold: args.sold.toString(),
    burned: args.burned.toString(),
    counted: args.counted.toString(),
  }));
}

/** Everyone who holds or is owed anything: known roles first, then whoever else the newest report names. */
export async function summarizeAccounts(cast: Cast, newestEpoch: number): Promise<SummaryAccount[]> {
  const report = await epochReport(cast, newestEpoch);
  const roles = new Map<Hex, string>();
  const add = (address: Hex, role: string): void => {
    const key = address.toLowerCase() as Hex;
    roles.set(key, roles.has(key) ? `${roles.get(key)}+${role}` : role);
  };
  for (const { persona } of cast.clients) add(persona.address, "client");
  for (const { persona } of cast.nodes) add(persona.address, "operator");
  for (const owner of ["serviceOwner", "siteOwner"] as const) add(roleAddress(owner), "service");
  const { timelock, auction } = cast.deployment.contracts;
  if (timelock) add(timelock as Hex, "treasury");
  if (auction) add(auction as Hex, "buyback");
  for (const { account } of [...report.payouts, ...report.balances]) {
    if (!roles.has(toHex(account))) add(toHex(account), "other");
  }
  return Promise.all([...roles].map(([address, role]) => summarizeAccount(cast, report, address, role)));
}

async function summarizeAccount(
  cast: Cast,
  report: EpochReport,
  address: Hex,
  role: string,
): Promise<SummaryAccount> {
  const { l2, node } = cast.keeper.persona;
  const { vault } = l2.contracts;
  const [topUp, claimed, balance] = await Promise.all([
    l2.public.readContract({
      address: vault,
      abi: clientVaultAbi,
      functionName: "deposited",
      args: [address],
    }),
    getClaimed(l2, { account: address }),
    node.request("flk_get_stables_balance", [address]),
  ]);
  const payout = report.payouts.find(({ account }) => toHex(account) === address);
  return {
    address,
    role,
    topUp: topUp.toString(),
    balance: String(balance),
    payoutStable: (payout?.stable ?? 0n).toString(),
    payoutFlk: (payout?.flk ?? 0n).toString(),
    claimedStable: claimed.stable.toString(),
    claimedFlk: claimed.flk.toString(),
  };
}

/** The summary for people. */
export function summaryLines({ epochs, lots, accounts, badNode, audit }: Summary): string[] {
  const lines = ["", "Epochs"];
  for (const e of epochs) {
    lines.push(
      `  ${e.epoch}: ${e.deliveries} deliveries, ${formatBytes(Number(e.bytes))} and ${e.ms} ms, ${formatStable(BigInt(e.revenue))} revenue, ` +
        `${formatFlk(BigInt(e.flkScheduled))} scheduled, ${formatFlk(BigInt(e.flkMinted))} granted, ${e.blocks} blocks, posted with ${e.gas} gas in ${e.settlementTx}`,
    );
  }
  if (badNode !== null) lines.push("Bad node", ...badNodeLines(epochs, badNode));
  lines.push("Buyback");
  for (const lot of lots) {
    lines.push(
      `  epochs ${lot.fromEpoch} to ${lot.toEpoch}: ${formatStable(BigInt(lot.sold))} sold for ${formatFlk(BigInt(lot.burned))}, ` +
        `burned; ${formatFlk(BigInt(lot.counted))} of it for these epochs`,
    );
  }
  lines.push("Accounts");
  for (const a of accounts) {
    lines.push(
      `  ${a.role.padEnd(9)} ${a.address}  balance ${formatStable(BigInt(a.balance))}, ` +
        `claimed ${formatStable(BigInt(a.claimedStable))} and ${formatFlk(BigInt(a.claimedFlk))}`,
    );
  }
  const word = (holds: boolean): string => (holds ? "holds" : "FAILS");
  lines.push(
    `Audit: money conserved ${word(audit.conserved)}, same state root ${word(audit.sameStateRoot)}, ` +
      `indexer agrees ${word(audit.indexerAgrees)}, activity in every epoch ${word(audit.active)}`,
    ...audit.problems.map((problem) => `  ${problem}`),
  );
  return lines;
}

function badNodeLines(epochs: readonly SummaryEpoch[], badNode: number): string[] {
  return epochs.map(({ epoch, nodes, deliveries }) => {
    const bad = nodes.find(({ node }) => node === badNode);
    const share = deliveries === 0 ? 0 : (100 * (bad?.deliveries ?? 0)) / deliveries;
    return `  ${epoch}: node ${badNode} has ${share.toFixed(1)} % of the deliveries and a score of ${bad?.reputation} at the end`;
  });
}
