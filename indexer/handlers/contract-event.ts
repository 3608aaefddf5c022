import type { Rows } from "../store/rows.ts";
import { contractEvents } from "../store/schema.ts";
import { MAX_LONG_TEXT } from "../store/text.ts";
import type { ContractName, Place } from "../sync/l2-logs.ts";

/** Writes an event as it was told: what it means is in other tables, for those that have one. */
export function keepEvent(
  rows: Rows,
  log: Place & { contract: ContractName; eventName: string | undefined; args: unknown },
): void {
  const { block, logIndex, txHash, time, contract, eventName } = log;
  const name = eventName ?? null;
  rows.insert(contractEvents, { block, logIndex, txHash, time, contract, name, args: toJson(log.args) });
}

const ADDRESS = /^0x[0-9a-fA-F]{40}$/;

/** Arguments that are longer than what is stored are left out: half of them would be no JSON. */
function toJson(args: unknown): string {
  const text = JSON.stringify(plain(args ?? {}));
  return text.length <= MAX_LONG_TEXT ? text : JSON.stringify({ tooLong: text.length });
}

function plain(value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  if (typeof value === "string")
    return value.length === 42 && ADDRESS.test(value) ? value.toLowerCase() : value;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  const copy: Record<string, unknown> = {};
  for (const name in value) copy[name] = plain((value as Record<string, unknown>)[name]);
  return copy;
}
