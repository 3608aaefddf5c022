import type { CommittedRange } from "./messages.ts";

const HEAD = 8;

/** An opaque transaction: who made it, its number with that author, and filler that no two share. */
export function opaqueTransaction(author: number, sequence: number, bytes: number): Uint8Array {
  const out = new Uint8Array(bytes);
  const view = new DataView(out.buffer);
  view.setUint32(0, author);
  view.setUint32(4, sequence);
  let state = (author * 0x9e3779b1 + sequence) >>> 0;
  for (let at = HEAD; at + 4 <= bytes; at += 4) {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x6d2b79f5) >>> 0;
    view.setUint32(at, state);
  }
  return out;
}

/** Runs of consecutive numbers of one author, which is what a committed batch is. */
export function ranges(read: readonly { author: number; sequence: number }[], at: number): CommittedRange[] {
  const found: CommittedRange[] = [];
  let last: CommittedRange | undefined;
  for (const { author, sequence } of read) {
    if (last && last.author === author && last.to + 1 === sequence) last.to = sequence;
    else {
      last = { author, from: sequence, to: sequence, at };
      found.push(last);
    }
  }
  return found;
}

/** Of opaque transactions. */
export function rangesOf(transactions: readonly Uint8Array[], at: number): CommittedRange[] {
  const read = transactions.map((transaction) => {
    const view = new DataView(transaction.buffer, transaction.byteOffset, transaction.byteLength);
    return { author: view.getUint32(0), sequence: view.getUint32(4) };
  });
  return ranges(read, at);
}
