import { FlkError } from "../errors/error.ts";
import { MAX_BATCH_TRANSACTIONS, MAX_SIGNED_TRANSACTION_BYTES } from "../params/limits.ts";
import { Batch } from "./consensus.ts";
import { MAX_COUNTER_HIGH, u32At } from "./well-formed.ts";

/** Of fixed size: epoch u64, author u32, worker u8, sequence u64, where the list begins u32. */
const AT = { epoch: 0, author: 8, worker: 12, sequence: 13, list: 21, end: 25 } as const;
const OFFSET_BYTES = 4;

/**
 * As `decode(Batch, bytes)`, for the largest thing that members send each other: without encoding it again, and its transactions are
 * views of `bytes`, which nobody may change afterwards.
 * @throws ERR_DECODE
 */
export function decodeBatch(bytes: Uint8Array): Batch {
  const transactions =
    bytes.length >= AT.end && u32At(bytes, AT.list) === AT.end && views(bytes.subarray(AT.end));
  const isCounter = (at: number) => u32At(bytes, at + 4) <= MAX_COUNTER_HIGH;
  if (!transactions || !isCounter(AT.epoch) || !isCounter(AT.sequence)) {
    throw new FlkError("ERR_DECODE", `not a valid ${Batch.typeName}`, { bytes: bytes.length });
  }
  return {
    epoch: counterAt(bytes, AT.epoch),
    author: u32At(bytes, AT.author),
    worker: bytes[AT.worker] as number,
    sequence: counterAt(bytes, AT.sequence),
    transactions,
  };
}

function counterAt(bytes: Uint8Array, at: number): number {
  return u32At(bytes, at + 4) * 2 ** 32 + u32At(bytes, at);
}

/** The items of a list of byte lists: where each begins comes first. undefined when it is none. */
function views(list: Uint8Array): Uint8Array[] | undefined {
  if (list.length === 0) return [];
  if (list.length < OFFSET_BYTES) return undefined;
  const first = u32At(list, 0);
  const count = first / OFFSET_BYTES;
  if (!Number.isInteger(count) || count < 1 || count > MAX_BATCH_TRANSACTIONS || first > list.length)
    return undefined;
  const items: Uint8Array[] = [];
  for (let i = 1, from = first; i <= count; i++) {
    const to = i === count ? list.length : u32At(list, i * OFFSET_BYTES);
    if (to < from || to > list.length || to - from > MAX_SIGNED_TRANSACTION_BYTES) return undefined;
    items.push(list.subarray(from, to));
    from = to;
  }
  return items;
}
