import { writeFile } from "node:fs/promises";
import { getAckConflicts } from "#client/actions/get-ack-conflicts.ts";
import { isAckConflict } from "#protocol/digests/ack-conflict.ts";
import { isFlkError } from "#protocol/errors/error.ts";
import { AckConflict } from "#protocol/types/ack.ts";
import { decode } from "#protocol/types/codec.ts";
import { fromHex, type Hex, toHex } from "#protocol/types/hex.ts";
import type { EvidenceCommand } from "../cmds/evidence.ts";
import type { CommonOptions } from "../cmds/options.ts";
import { resolveHome } from "../config/home.ts";
import { loadConfig } from "../config/load.ts";
import { cliError } from "../errors.ts";
import { bytesField, readFields } from "../io/json-file.ts";
import { createOutput } from "../io/output.ts";
import { table } from "../io/table.ts";
import { readerOf } from "./persona.ts";

const HEAD = ["EPOCH", "ACCOUNT", "SESSION KEY", "NODE", "LANE", "COUNT", "UNITS"];

function row({ first, second }: AckConflict): string[] {
  const { epoch, account, session, node, lane, count, units } = first.ack;
  const place = [String(epoch), toHex(account), toHex(session), String(node), String(lane)];
  return [...place, String(count), `${units} and ${second.ack.units}`];
}

/** Of the node that the configuration names; what does not prove anything is left out. @throws the RPC's codes */
export async function listEvidence(options: EvidenceCommand): Promise<void> {
  const home = resolveHome(options.home);
  const { node } = readerOf(home, await loadConfig(home));
  const { networkId } = node.network;
  const conflicts = (await getAckConflicts(node)).filter((conflict) => isAckConflict(networkId, conflict));
  const file = { network: toHex(networkId), conflicts: conflicts.map(encode) };
  const output = createOutput(options);
  if (options.output === undefined) {
    output.data(file, table(HEAD, conflicts.map(row)));
    return;
  }
  await writeFile(options.output, `${JSON.stringify(file, null, 2)}\n`);
  output.data({ conflicts: conflicts.length, output: options.output }, [
    `${conflicts.length} in ${options.output}`,
  ]);
}

function encode(conflict: AckConflict): Hex {
  return toHex(AckConflict.serialize(conflict));
}

/** @throws ERR_INPUT_FILE, ERR_EVIDENCE when one of them proves nothing */
export async function verifyEvidence(path: string, options: CommonOptions): Promise<void> {
  const fields = await readFields(path);
  const networkId = fromHex(bytesField(fields, "network", 32));
  const { conflicts } = fields.values;
  if (!Array.isArray(conflicts))
    throw cliError("ERR_INPUT_FILE", `${path}: conflicts must be a list`, { path });
  const found = conflicts.map((_, at) => read(path, conflicts as unknown[], at));
  for (const [at, conflict] of found.entries()) {
    if (isAckConflict(networkId, conflict)) continue;
    throw cliError("ERR_EVIDENCE", `${path}: conflict ${at} proves nothing on this network`, { path, at });
  }
  const network = toHex(networkId);
  createOutput(options).data({ network, conflicts: found.length }, table(HEAD, found.map(row)));
}

function read(path: string, list: readonly unknown[], at: number): AckConflict {
  const bytes = bytesField({ path, values: { [`conflicts[${at}]`]: list[at] } }, `conflicts[${at}]`);
  try {
    return decode(AckConflict, fromHex(bytes));
  } catch (cause) {
    if (!isFlkError(cause)) throw cause;
    throw cliError(
      "ERR_INPUT_FILE",
      `${path}: conflict ${at} is not the encoding of one`,
      { path, at },
      cause,
    );
  }
}
