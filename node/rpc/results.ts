import { SignedAck, SignedDelegation } from "#protocol/types/ack.ts";
import { Block, Receipt } from "#protocol/types/block.ts";
import { CommitCertificate } from "#protocol/types/consensus.ts";
import { EpochReport, NodeReport, SettlementCertificate } from "#protocol/types/settlement.ts";
import { AMOUNT, FLAG, fields, HEX, INTEGER, listOf, propertiesOf, STRING, schemaOf } from "./schemas.ts";

/** Results of the methods. Amounts: micro-USD, stake and FLK wei. */

export const EPOCH_INFO = fields({
  epoch: INTEGER,
  blocks: INTEGER,
  height: INTEGER,
  block_root: HEX,
  state_root: HEX,
  time: INTEGER,
  epoch_end: INTEGER,
  l2_number: INTEGER,
  committee: listOf(INTEGER),
});

export const BLOCK = fields({
  height: INTEGER,
  block_root: HEX,
  ...propertiesOf(Block),
  closes: FLAG,
  receipts: listOf(fields({ ...propertiesOf(Receipt), status: STRING, ack_status: listOf(STRING) })),
  certificate: schemaOf(CommitCertificate),
});

export const SSZ = fields({ ssz: HEX });

export const REPORT = fields({ ...propertiesOf(EpochReport), ssz: HEX });

export const SETTLEMENT = fields({ certificate: schemaOf(SettlementCertificate), digest: HEX, ssz: HEX });

export const RECEIPT = fields({ height: INTEGER, status: STRING, ack_status: listOf(STRING) });

export const ACCOUNT = fields({
  address: HEX,
  stables_balance: AMOUNT,
  reserved: AMOUNT,
  available: AMOUNT,
  deposits_seen: AMOUNT,
  nonce: INTEGER,
  payout_stable: AMOUNT,
  payout_flk: AMOUNT,
});

export const SESSION = fields({
  account: HEX,
  key: HEX,
  expiry_epoch: INTEGER,
  revoked: FLAG,
  limit: AMOUNT,
  spent: AMOUNT,
  spent_previous: AMOUNT,
  reserved: AMOUNT,
  reserved_previous: AMOUNT,
});

export const RESERVATION = fields({
  epoch: INTEGER,
  account: HEX,
  session: HEX,
  node: INTEGER,
  amount: AMOUNT,
  paid: AMOUNT,
});

export const DELEGATE = fields({ session: HEX, spent: AMOUNT, reserved: AMOUNT });

const node = {
  node_id: INTEGER,
  owner: HEX,
  consensus_key: HEX,
  key_version: INTEGER,
  network_key: HEX,
  endpoints: STRING,
  stake: AMOUNT,
  thawing: AMOUNT,
  opted_in: FLAG,
  reputation: INTEGER,
  nonce: INTEGER,
  sequence: INTEGER,
  revenue: AMOUNT,
};
export const NODE = fields(node);
export const OFFERED_NODE = fields({ ...node, newcomer: INTEGER });

const standing = {
  latency: INTEGER,
  uptime: INTEGER,
  throughput: INTEGER,
  success: INTEGER,
  trust: INTEGER,
  credibility: INTEGER,
  measured: INTEGER,
  reporters: INTEGER,
  out: INTEGER,
};
export const STANDING = fields(standing);

const placed = { ...standing, score: INTEGER, place: { enum: ["good", "near", "below", "out"] } };
const floors = fields({ reputation: INTEGER, uptime: INTEGER });
export const NODE_STATUS = fields({
  node: INTEGER,
  epoch: INTEGER,
  now: fields(placed),
  floors,
  above: floors,
  expected: fields({ ...placed, reports: INTEGER }),
  in_next_draw: FLAG,
  in_draw_after: FLAG,
});

export const SERVED_NOW = fields({ epoch: INTEGER, node: INTEGER, revenue: AMOUNT });
export const SERVED_BEFORE = fields({ epoch: INTEGER, ...propertiesOf(NodeReport) });

export const SERVICE = fields({
  service_id: INTEGER,
  owner: HEX,
  prices: listOf(AMOUNT),
  previous_prices: listOf(AMOUNT),
});

export const CONFLICT = fields({
  first: schemaOf(SignedAck),
  second: schemaOf(SignedAck),
  delegations: listOf(schemaOf(SignedDelegation)),
  lane_id: HEX,
  ssz: HEX,
});
