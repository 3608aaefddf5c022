import { priceOf } from "./payments.ts";
import type { Snapshot } from "./snapshot.ts";

/** Epochs with load after which somebody was without money, prices have changed and every service was used. */
const FULL_RUN = 3;
const MS = 1;

/**
 * That a run had what the audit is to judge: a client without money, payments at two prices of one service and commodity, and ms of every
 * service that sells them. `from`: the first epoch with revenue; a run that has fewer than three from there on is not asked.
 */
export function variety(s: Snapshot, from: number): string[] {
  if (s.epochs - from < FULL_RUN) return [];
  const missing: string[] = [];
  const short = s.acks.some(({ status }) => /^ACK_(PARTIAL|UNPAID)_/.test(status));
  if (!short) missing.push("no acknowledgement was beyond a client's money");
  const paid = s.acks.filter((ack) => BigInt(ack.paid) > 0n);
  const prices = new Map<string, Set<bigint>>();
  for (const ack of paid) {
    const key = `${ack.service}/${ack.commodity}`;
    prices.set(key, (prices.get(key) ?? new Set()).add(priceOf(s, ack)));
  }
  if (![...prices.values()].some(({ size }) => size > 1)) missing.push("nothing was paid for at two prices");
  const selling = s.l2.prices.filter(({ commodity, price }) => commodity === MS && BigInt(price) > 0n);
  for (const service of new Set(selling.map((log) => log.service)))
    if (!prices.has(`${service}/${MS}`)) missing.push(`no ms of service ${service} were paid for`);
  return missing;
}
