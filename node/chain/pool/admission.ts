import { isUnused } from "#node/transition/block/sequence.ts";
import type { State } from "#node/transition/state.ts";
import type { Transaction } from "#protocol/digests/transactions.ts";
import { TX } from "#protocol/types/transactions.ts";

/** True when no later block can apply the transaction any more, so that keeping it is of no use. */
export function isStale(state: State, transaction: Transaction): boolean {
  switch (transaction.kind) {
    case TX.submitAcks: {
      const { acks } = transaction.body;
      return isUsed(state, transaction.body) || acks.every(({ ack }) => ack.epoch + 1 < state.epoch);
    }
    case TX.reserve:
      return isUsed(state, transaction.body) || transaction.body.signed.reserve.epoch < state.epoch;
    case TX.submitReputation:
      return transaction.body.epoch < state.epoch;
    case TX.optIn:
    case TX.optOut:
      return (state.node(transaction.body.node)?.nonce ?? 0) > transaction.body.nonce;
    default:
      return (state.account(transaction.body.account)?.nonce ?? 0) > transaction.body.nonce;
  }
}

function isUsed(state: State, { node, sequence }: { node: number; sequence: number }): boolean {
  const record = state.nodeTable.get(String(node));
  return record !== undefined && !isUnused(record, sequence);
}
