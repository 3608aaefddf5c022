import { rpcOrNull } from "./rpc.ts";
import type { AckFacts, MoneyFacts } from "./snapshot.ts";

const DEPOSIT = 1;
const AUTHORIZE_SESSION = 3;
const SUBMIT_ACKS = 5;
const RESERVE = 8;
const ACK_PAYMENT = 5;
/** bytes of an acknowledgement, and with its signature */
const ACK = 117;
const SIGNED_ACK = ACK + 64;

interface Change {
  account: string;
  reason: number;
  delta: string;
}

interface BlockAnswer {
  input: { epoch: number; transactions: string[] };
  l2_changes: Change[];
  receipts: { status: string; ack_status: string[]; changes: Change[] }[];
}

/** Every acknowledgement of the committed blocks that was not refused, with what was paid for it, and the money that was there. */
export async function collectAcks(url: string): Promise<{ acks: AckFacts[]; money: MoneyFacts[] }> {
  const acks: AckFacts[] = [];
  const money: MoneyFacts[] = [];
  for (let height = 0; ; height++) {
    const block = await rpcOrNull<BlockAnswer>(url, "flk_get_block", [height]);
    if (!block) return { acks, money };
    for (const { account, reason, delta } of block.l2_changes)
      if (reason === DEPOSIT) money.push({ before: acks.length, account, what: "deposit", amount: delta });
    for (const [i, transaction] of block.input.transactions.entries()) {
      const receipt = block.receipts[i];
      // a transaction that was rejected has no code per acknowledgement
      if (receipt && receipt.ack_status.length > 0)
        acks.push(...paidAcks(block.input.epoch, decodeAcks(transaction), receipt));
      const fact = receipt?.status === "OK" ? decodeMoney(transaction) : undefined;
      if (fact) money.push({ before: acks.length, ...fact });
    }
  }
}

/**
 * An AuthorizeSession (account 20, nonce u64, scheme u8, key 32, last epoch u64, limit u64) or a SubmitReserve (node u32, sequence u64, then
 * epoch u64, account 20, session 32, node u32, amount u64).
 */
function decodeMoney(transaction: string): Omit<MoneyFacts, "before"> | undefined {
  const bytes = Buffer.from(transaction.slice(2), "hex");
  const payload = bytes.subarray(bytes.readUInt32LE(1), bytes.readUInt32LE(5));
  const hex = (from: number, to: number): string => payload.subarray(from, to).toString("hex");
  if (bytes[0] === AUTHORIZE_SESSION) {
    const amount = payload.readBigUInt64LE(69).toString();
    return { account: `0x${hex(0, 20)}`, what: { session: hex(29, 61) }, amount };
  }
  if (bytes[0] !== RESERVE) return undefined;
  const epoch = Number(payload.readBigUInt64LE(12));
  const what = { session: hex(40, 72), node: payload.readUInt32LE(72), epoch };
  return { account: `0x${hex(20, 40)}`, what, amount: payload.readBigUInt64LE(76).toString() };
}

type Decoded = Omit<AckFacts, "inEpoch" | "status" | "paid">;

/** Payments are in the order of the acknowledgements that were paid, whole or in part; one that is missing counts as nothing, and the rules find it. */
function paidAcks(inEpoch: number, acks: Decoded[], receipt: BlockAnswer["receipts"][number]): AckFacts[] {
  const payments = receipt.changes.filter(({ reason }) => reason === ACK_PAYMENT);
  return acks.flatMap((ack, i) => {
    const status = receipt.ack_status[i] ?? "";
    if (status.startsWith("ACK_UNPAID_")) return [{ inEpoch, ...ack, status, paid: "0" }];
    if (status !== "OK" && !status.startsWith("ACK_PARTIAL_")) return [];
    const payment = payments.shift();
    return [{ inEpoch, ...ack, status, paid: payment?.account === ack.account ? payment.delta : "0" }];
  });
}

/**
 * The acknowledgements in the SSZ of a signed SubmitAcks, read from its definition: the envelope is kind, then the offsets of
 * payload and signature; the payload is the node, the sequence number, then the offset of the list, and of what comes after it where there is more.
 */
function decodeAcks(transaction: string): Decoded[] {
  const bytes = Buffer.from(transaction.slice(2), "hex");
  if (bytes[0] !== SUBMIT_ACKS) return [];
  const payload = bytes.subarray(bytes.readUInt32LE(1), bytes.readUInt32LE(5));
  const start = payload.readUInt32LE(12);
  const end = payload.readUInt32LE(16);
  const acks: Decoded[] = [];
  for (let at = start; at + SIGNED_ACK <= end; at += SIGNED_ACK)
    acks.push(decodeAck(payload.subarray(at, at + ACK)));
  return acks;
}

/** epoch u64, account 20, session 32, lane u32, node u32, service u32, commodity u8, count u32, units u64, log 32 */
function decodeAck(bytes: Buffer): Decoded {
  return {
    epoch: Number(bytes.readBigUInt64LE(0)),
    account: `0x${bytes.subarray(8, 28).toString("hex")}`,
    session: bytes.subarray(28, 60).toString("hex"),
    lane: bytes.subarray(0, 73).toString("hex"),
    node: bytes.readUInt32LE(64),
    service: bytes.readUInt32LE(68),
    commodity: bytes.readUInt8(72),
    count: bytes.readUInt32LE(73),
    units: bytes.readBigUInt64LE(77).toString(),
  };
}
