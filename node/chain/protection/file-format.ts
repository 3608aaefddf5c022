import { KIND, type Kind } from "#protocol/digests/consensus.ts";
import type { FlkError } from "#protocol/errors/error.ts";
import { MAX_U64 } from "#protocol/types/bigint.ts";
import { fromHex, toHex } from "#protocol/types/hex.ts";
import { chainError } from "../errors.ts";

/** What an export holds; docs/spec/protection.md describes the JSON. */
export interface ProtectionFile {
  networkId: Uint8Array;
  consensusKeys: Uint8Array[];
  /** nothing may be signed in an epoch below it */
  floorEpoch: number;
  records: FileRecord[];
}

export interface FileRecord {
  kind: Kind;
  epoch: number;
  slot: bigint;
  /** the exact SSZ bytes that left */
  signed: Uint8Array;
}

const FORMAT = "flk-protection";
const VERSION = 1;

const names = new Map<Kind, string>(Object.entries(KIND).map(([name, kind]) => [kind, name]));
const kinds = new Map<unknown, Kind>(Object.entries(KIND));

/** One record a line, so that two exports can be compared. */
export function formatProtection(file: ProtectionFile): string {
  const head = {
    format: FORMAT,
    version: VERSION,
    networkId: toHex(file.networkId),
    consensusKeys: file.consensusKeys.map(toHex),
    floorEpoch: file.floorEpoch,
  };
  const fields = Object.entries(head).map(
    ([name, value]) => `  ${JSON.stringify(name)}: ${JSON.stringify(value)},`,
  );
  const records = file.records.map(({ kind, epoch, slot, signed }) =>
    JSON.stringify({ kind: names.get(kind), epoch, slot: slot.toString(), signed: toHex(signed) }),
  );
  const list = records.length === 0 ? "[]" : `[\n    ${records.join(",\n    ")}\n  ]`;
  return `{\n${fields.join("\n")}\n  "records": ${list}\n}\n`;
}

/** Form alone: signatures and what fits together are judged by the import. @throws ERR_PROTECTION_FILE naming the field */
export function parseProtection(text: string): ProtectionFile {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw wrong("it", "is not JSON");
  }
  const file = fieldsOf(json, "it", [
    "format",
    "version",
    "networkId",
    "consensusKeys",
    "floorEpoch",
    "records",
  ]);
  if (file.format !== FORMAT) throw wrong("format", `must be "${FORMAT}"`);
  if (file.version !== VERSION) throw wrong("version", `must be ${VERSION}`);
  const consensusKeys = listOf(file.consensusKeys, "consensusKeys").map((key, i) =>
    bytesOf(key, `consensusKeys[${i}]`, 48),
  );
  if (consensusKeys.length === 0) throw wrong("consensusKeys", "names no key");
  return {
    networkId: bytesOf(file.networkId, "networkId", 32),
    consensusKeys,
    floorEpoch: epochOf(file.floorEpoch, "floorEpoch"),
    records: listOf(file.records, "records").map((record, i) => recordOf(record, `records[${i}]`)),
  };
}

function recordOf(value: unknown, at: string): FileRecord {
  const record = fieldsOf(value, at, ["kind", "epoch", "slot", "signed"]);
  const kind = kinds.get(record.kind);
  if (kind === undefined) throw wrong(`${at}.kind`, `must be one of ${[...names.values()].join(", ")}`);
  const { slot } = record;
  if (typeof slot !== "string" || !/^(0|[1-9]\d{0,19})$/.test(slot) || BigInt(slot) > MAX_U64) {
    throw wrong(`${at}.slot`, "must be a decimal number of 64 bits as a text");
  }
  const signed = bytesOf(record.signed, `${at}.signed`);
  return { kind, epoch: epochOf(record.epoch, `${at}.epoch`), slot: BigInt(slot), signed };
}

function fieldsOf<Name extends string>(
  value: unknown,
  at: string,
  fields: readonly Name[],
): Record<Name, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw wrong(at, "must be an object");
  for (const name of fields) if (!Object.hasOwn(value, name)) throw wrong(`${at}: ${name}`, "is missing");
  const unknown = Object.keys(value).find((name) => !(fields as readonly string[]).includes(name));
  if (unknown !== undefined) throw wrong(`${at}: ${JSON.stringify(unknown)}`, "is not a known field");
  return value as Record<Name, unknown>;
}

function listOf(value: unknown, at: string): unknown[] {
  if (!Array.isArray(value)) throw wrong(at, "must be a list");
  return value;
}

function epochOf(value: unknown, at: string): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0)
    throw wrong(at, "must be an epoch");
  return value;
}

function bytesOf(value: unknown, at: string, length?: number): Uint8Array {
  try {
    if (typeof value === "string") return fromHex(value, length);
  } catch {
    // said below
  }
  throw wrong(at, length === undefined ? "must be 0x and hex" : `must be 0x and ${length} bytes in hex`);
}

function wrong(field: string, problem: string): FlkError {
  return chainError("ERR_PROTECTION_FILE", `not an export of protection/: ${field} ${problem}`, { field });
}
