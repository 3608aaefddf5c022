import { BitArray } from "@chainsafe/ssz";
import type { ChainView, TransactionPool } from "#node/interface/chain-view.ts";
import { FlkError } from "#protocol/errors/error.ts";
import { type CertifiedBlock, CertifiedBlock as CertifiedBlockType } from "#protocol/types/block.ts";
import type { Committee } from "#protocol/types/committee.ts";
import { NodeStanding } from "#protocol/types/reputation.ts";
import { EpochReport, SettlementCertificate } from "#protocol/types/settlement.ts";

export const filled = (length: number, value: number) => new Uint8Array(length).fill(value);
export const ALICE = filled(20, 0xaa);
export const SESSION = filled(32, 5);
export const LANE = filled(32, 6);
export const TX_ID = filled(32, 7);

const PLACED = {
  ...{ latency: 1, uptime: 2, throughput: 3, success: 4, trust: 5, credibility: 6 },
  ...{ measured: 1, reporters: 7, out: 0, score: 22, place: "near" as const },
};
const STATUS = {
  ...{ node: 1, epoch: 3, now: PLACED, floors: { reputation: 20, uptime: 4_000 } },
  ...{ above: { reputation: 2, uptime: -3_998 }, inNextDraw: true, inDrawAfter: false },
  expected: { ...PLACED, out: 1, place: "out" as const, reports: 5 },
};

const committee: Committee = {
  epoch: 3,
  members: [1, 2, 5].map((nodeId) => ({ nodeId, keyVersion: 0, power: 1, consensusKey: filled(48, nodeId) })),
};

function node(nodeId: number) {
  return {
    nodeId,
    owner: filled(20, nodeId),
    consensusKey: filled(48, nodeId),
    keyVersion: 0,
    networkKey: filled(32, nodeId),
    endpoints: `/ip4/127.0.0.${nodeId}/tcp/4200`,
    stake: 10n ** 21n * BigInt(nodeId),
    thawing: 0n,
    optedIn: true,
    reputation: 90 + nodeId,
    nonce: nodeId,
    sequence: 0,
    revenue: 1_000_000n * BigInt(nodeId),
  };
}

export function certifiedBlock(): CertifiedBlock {
  const block = CertifiedBlockType.defaultValue();
  block.block.input.transactions = [Uint8Array.of(1, 2, 3)];
  block.block.receipts = [{ txId: TX_ID, kind: 5, status: 5, ackStatus: [0, 2], changes: [] }];
  block.block.closes = 1;
  block.certificate.signers = BitArray.fromBoolArray([true, false, true]);
  return block;
}

export function report(): EpochReport {
  const value = EpochReport.defaultValue();
  value.epoch = 2;
  value.flkMinted = 2n ** 80n;
  value.nodes = [
    {
      node: 2,
      owner: filled(20, 2),
      stake: 5n,
      optedIn: 1,
      reputation: 80,
      standing: NodeStanding.defaultValue(),
      work: [{ service: 0, commodity: 0, units: 9n, deliveries: 1, lanes: 1, revenue: 8n }],
      revenue: 8n,
      rewardStable: 4n,
      buyback: 1n,
      scheduledFlk: 5n,
      rewardFlk: 3n,
    },
  ];
  return value;
}

export function certificate(): SettlementCertificate {
  const value = SettlementCertificate.defaultValue();
  value.settlement.epoch = 2;
  value.committee = committee;
  value.signers = BitArray.fromBoolArray([true, true, true]);
  return value;
}

export function fakeChain(): ChainView {
  const account = {
    balance: 5_000_000n,
    reserved: 1_000_000n,
    depositsSeen: 9_000_000n,
    nonce: 4,
    payoutStable: 1n,
    payoutFlk: 2n ** 90n,
  };
  const spending = { limit: 7n, spent: 1n, spentPrevious: 2n, reserved: 3n, reservedPrevious: 0n };
  const session = { account: ALICE, key: SESSION, expiryEpoch: 9, revoked: false, ...spending };
  const rates = { latency: 1, uptime: 2, throughput: 3, success: 4, trust: 5, credibility: 6 };
  const standing = { ...rates, measured: 1, reporters: 7, out: 0 };
  const service = { serviceId: 0, owner: filled(20, 9), prices: [1n, 2n], previousPrices: [1n, 2n] };
  const is = (a: Uint8Array, b: Uint8Array) => Buffer.from(a).equals(b);
  return {
    head: () => ({
      epoch: 3,
      blocks: 12,
      height: 40,
      blockRoot: filled(32, 1),
      stateRoot: filled(32, 2),
      time: 1_800_000_000_000,
      epochEnd: 1_800_000_030_000,
      l2Number: 77,
    }),
    committee: () => committee,
    account: (address) => (is(address, ALICE) ? account : undefined),
    session: (address, key) => (is(address, ALICE) && is(key, SESSION) ? session : undefined),
    node: (nodeId) => (nodeId >= 1 && nodeId <= 6 ? node(nodeId) : undefined),
    nodes: () => [6, 5, 4, 3, 2, 1].map(node),
    service: (serviceId) => (serviceId === 0 ? service : undefined),
    services: () => [service],
    standing: (nodeId) => (nodeId === 1 ? standing : undefined),
    place: (nodeId) => (nodeId === 1 ? STATUS : undefined),
    status: (nodeId) => (nodeId === 1 ? STATUS : undefined),
    observed: (nodeId) => [6, 5, 4, 3, 2, 1].filter((other) => other !== nodeId),
    lanePaid: (laneId) => (is(laneId, LANE) ? 123n : 0n),
    reservation: () => undefined,
    delegate: () => undefined,
    parameter: (name) => ({ epochLengthMs: 30_000n, minStake: 10n ** 21n })[name],
    report: async (epoch) => (epoch === 2 ? report() : undefined),
    settlement: async (epoch) => (epoch === 2 ? certificate() : undefined),
    block: async (height) => {
      if (height === 13) throw new Error("a secret from the disk");
      return height === 40 ? certifiedBlock() : undefined;
    },
    onBlock: () => () => {},
    onEpoch: () => () => {},
  };
}

export function fakePool(): TransactionPool & { submitted: Uint8Array[] } {
  const submitted: Uint8Array[] = [];
  return {
    submitted,
    async submit(transaction) {
      if (transaction.length < 3)
        throw new FlkError("ERR_TX_MALFORMED", "too short", { bytes: transaction.length });
      if (submitted.length >= 2) throw new FlkError("ERR_POOL_FULL", "the pool is full");
      submitted.push(transaction);
      return TX_ID;
    },
    receipt: async (txId) =>
      Buffer.from(txId).equals(TX_ID) ? { height: 40, status: 5, ackStatus: [0, 2] } : undefined,
  };
}
