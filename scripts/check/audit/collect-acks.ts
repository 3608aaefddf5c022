import { rpcOrNull } from "./rpc.ts";
import type { AckFacts } from "./snapshot.ts";

const SUBMIT_ACKS = 5;
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
  receipts: { ack_status: string[]; changes: Change[] }[];
}

/** Every acknowledgement of the committed blocks that was not refused, with what was paid for it. */
export async function collectAcks(url: string): Promise<AckFacts[]> {
  const acks: AckFacts[] = [];
  for (let height = 0; ; height++) {
    const block = await rpcOrNull<BlockAnswer>(url, "flk_get_block", [height]);
    if (!block) return acks;
    for (const [i, transaction] of block.input.transactions.entries()) {
      const receipt = block.receipts[i];
      // a transaction that was rejected has no code per acknowledgement
      if (receipt && receipt.ack_status.length > 0)
        acks.push(...paidAcks(block.input.epoch, decodeAcks(transaction), receipt));
    }
  }
}

type Decoded = Omit<AckFacts, "inEpoch" | "status" | "paid">;

function paidAcks(inEpoch: number, acks: Decoded[], receipt: BlockAnswer["receipts"][number]): AckFacts[] {
  const payments = receipt.changes.filter(({ reason }) => reason === ACK_PAYMENT);
  const statuses = receipt.ack_status;
  const facts: AckFacts[] = [];
  for (const [i, ack] of acks.entries()) {
    const status = statuses[i] ?? "";
    const counts = status === "OK" || status.startsWith("ACK_PARTIAL_");
    if (!counts) continue;
    const mine = payments.filter(({ account }) => account === ack.account).length;
    const certain = acks.filter(
      (other, k) => k >= i && other.account === ack.account && statuses[k] === "OK",
    );
    // one that found no money at all has no payment: those that are left belong to the ones paid in full
    const isPaid = status === "OK" || mine > certain.length;
    const at = isPaid ? payments.findIndex(({ account }) => account === ack.account) : -1;
    const [payment] = at < 0 ? [] : payments.splice(at, 1);
    facts.push({ inEpoch, ...ack, status, paid: payment?.delta ?? "0" });
  }
  return facts;
}

/**
 * The acknowledgements in the SSZ of a signed SubmitAcks, read from its definition: the envelope is kind, then the offsets of
 * payload and signature; the payload is the node, then the offset of the list, and of what comes after it where there is more.
 */
function decodeAcks(transaction: string): Decoded[] {
  const bytes = Buffer.from(transaction.slice(2), "hex");
  if (bytes[0] !== SUBMIT_ACKS) return [];
  const payload = bytes.subarray(bytes.readUInt32LE(1), bytes.readUInt32LE(5));
  const start = payload.readUInt32LE(4);
  const end = start > 8 ? payload.readUInt32LE(8) : payload.length;
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
    lane: bytes.subarray(0, 73).toString("hex"),
    node: bytes.readUInt32LE(64),
    service: bytes.readUInt32LE(68),
    commodity: bytes.readUInt8(72),
    units: bytes.readBigUInt64LE(77).toString(),
  };
}
