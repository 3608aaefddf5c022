import { settlementDigest } from "#protocol/digests/settlement.ts";
import { ACK_CODES, RECEIPT_CODES } from "#protocol/errors/codes.ts";
import { CertifiedBlock } from "#protocol/types/block.ts";
import { toHex } from "#protocol/types/hex.ts";
import { EpochReport, SettlementCertificate } from "#protocol/types/settlement.ts";
import { type Json, toJson } from "./json.ts";
import { type Method, method } from "./method.ts";
import * as param from "./params.ts";
import { BLOCK, EPOCH_INFO, RECEIPT, REPORT, SETTLEMENT, SSZ } from "./results.ts";
import { HEX, INTEGER, listOf, orNull, STRING } from "./schemas.ts";

const receiptCode = (status: number) => RECEIPT_CODES[status] ?? `UNKNOWN_${status}`;
const ackCode = (status: number) => ACK_CODES[status] ?? `UNKNOWN_${status}`;

function blockJson(height: number, { block, certificate }: CertifiedBlock): Json {
  const receipts = block.receipts.map(({ status, ackStatus, ...rest }) => ({
    ...rest,
    status: receiptCode(status),
    ackStatus: ackStatus.map(ackCode),
  }));
  const { blockRoot } = certificate.data;
  return toJson({ height, blockRoot, ...block, closes: block.closes === 1, receipts, certificate });
}

/** With which a pool refuses: `assertAdmissible`, and no room. */
const SUBMIT_ERRORS = [
  "ERR_POOL_FULL",
  "ERR_TX_TOO_LARGE",
  "ERR_TX_MALFORMED",
  "ERR_TX_UNKNOWN_KIND",
  "ERR_NO_ACKS",
  "ERR_UNKNOWN_ACCOUNT",
  "ERR_MIN_BALANCE",
  "ERR_UNKNOWN_NODE",
  "ERR_NODE_NOT_STAKED",
  "ERR_BAD_NONCE",
  "ERR_REPORT_EPOCH",
  "ERR_REPORT_REPEATED",
  "ERR_REPORT_SUBJECT",
  "ERR_REPORT_RANGE",
  "ERR_QUOTA_EXCEEDED",
  "ERR_BAD_SIGNATURE",
  "ERR_STORE",
];

/** Epochs, blocks, settlements and transactions. */
export const CHAIN_METHODS: readonly Method[] = [
  method({ name: "flk_ping", summary: "Answers pong", params: {}, result: STRING, call: () => "pong" }),
  method({
    name: "flk_get_epoch",
    summary: "The current epoch",
    params: {},
    result: INTEGER,
    call: ({ chain }) => chain.head().epoch,
  }),
  method({
    name: "flk_get_epoch_info",
    summary: "The current epoch: committee, earliest close (Unix ms) and the last block",
    params: {},
    result: EPOCH_INFO,
    call: ({ chain }) =>
      toJson({ ...chain.head(), committee: chain.committee().members.map((member) => member.nodeId) }),
  }),
  method({
    name: "flk_get_committee_members",
    summary: "Node ids of the current committee, ascending",
    params: {},
    result: listOf(INTEGER),
    call: ({ chain }) => chain.committee().members.map((member) => member.nodeId),
  }),
  method({
    name: "flk_get_block",
    summary: "A block with its receipts and its commit certificate, by height; null while it has none here",
    params: { height: param.height },
    result: orNull(BLOCK),
    async call({ chain }, { height }) {
      const block = await chain.block(height);
      return block ? blockJson(height, block) : null;
    },
  }),
  method({
    name: "flk_get_block_ssz",
    summary: "SSZ bytes of the CertifiedBlock, as `ssz`",
    params: { height: param.height },
    result: orNull(SSZ),
    async call({ chain }, { height }) {
      const block = await chain.block(height);
      return block ? { ssz: toHex(CertifiedBlock.serialize(block)) } : null;
    },
  }),
  method({
    name: "flk_get_epoch_report",
    summary: "The report of a closed epoch; reportHash is keccak256 of `ssz`",
    params: { epoch: param.epoch },
    result: orNull(REPORT),
    async call({ chain }, { epoch }) {
      const report = await chain.report(epoch);
      return report ? toJson({ ...report, ssz: EpochReport.serialize(report) }) : null;
    },
  }),
  method({
    name: "flk_get_settlement_certificate",
    summary: "The committee's certificate over the settlement of an epoch, and the settlement's digest",
    params: { epoch: param.epoch },
    result: orNull(SETTLEMENT),
    async call({ chain }, { epoch }) {
      const certificate = await chain.settlement(epoch);
      if (!certificate) return null;
      const digest = toHex(settlementDigest(certificate.settlement));
      return {
        certificate: toJson(certificate),
        digest,
        ssz: toHex(SettlementCertificate.serialize(certificate)),
      };
    },
  }),
  method({
    name: "flk_get_last_epoch_hash",
    summary:
      "Settlement digest of the epoch before the current one, and that epoch; null while it has no certificate here",
    params: {},
    result: orNull({ type: "array", prefixItems: [HEX, INTEGER], items: false }),
    async call({ chain }) {
      const epoch = chain.head().epoch - 1;
      const certificate = epoch < 0 ? undefined : await chain.settlement(epoch);
      return certificate ? [toHex(settlementDigest(certificate.settlement)), epoch] : null;
    },
  }),
  method({
    name: "flk_send_txn",
    summary: "Submits the SSZ bytes of a SignedTransaction; answers its id once it is accepted here",
    params: { transaction: param.hexBytes },
    result: HEX,
    errors: SUBMIT_ERRORS,
    call: async ({ pool }, { transaction }) => toHex(await pool.submit(transaction)),
  }),
  method({
    name: "flk_get_receipt",
    summary:
      "Outcome of a committed transaction: its block's height and codes; null while it is not committed",
    params: { transaction_id: param.bytes32 },
    result: orNull(RECEIPT),
    async call({ pool }, { transaction_id }) {
      const receipt = await pool.receipt(transaction_id);
      if (!receipt) return null;
      const { height, status, ackStatus } = receipt;
      return { height, status: receiptCode(status), ack_status: ackStatus.map(ackCode) };
    },
  }),
];
